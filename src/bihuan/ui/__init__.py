"""The page kit: base page, tables, forms, components."""
