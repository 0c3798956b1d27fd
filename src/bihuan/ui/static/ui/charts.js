// Draws [data-chart] with ECharts from the numbers that stand beside it as JSON.
import { load } from "./load.js";

const TONES = { blue: "#1f5fa8", green: "#1a6b3c", orange: "#c05a12", red: "#ad1f23", grey: "#7d8793", purple: "#6b3fa0", yellow: "#b98900" };
const ORDER = ["#1f5fa8", "#c05a12", "#1a6b3c", "#6b3fa0", "#7d8793", "#b98900"];

export async function draw(root) {
  const holders = [...root.querySelectorAll("[data-chart]:not([data-drawn])")];
  if (!holders.length) return;
  for (const it of holders) it.dataset.drawn = "yes";
  await load(holders[0].dataset.library);
  for (const holder of holders) one(holder, JSON.parse(document.getElementById(holder.dataset.chart).textContent));
}

function one(holder, data) {
  const chart = window.echarts.init(holder, null, { renderer: "svg" });
  const names = { type: "category", data: data.labels, axisTick: { show: false }, inverse: data.lying, axisLabel: { hideOverlap: true } };
  const numbers = { type: "value", splitLine: { lineStyle: { color: "#e3e7ec" } } };
  chart.setOption({
    animation: false,
    color: ORDER,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 16, top: data.series.length > 1 ? 34 : 14, bottom: 6, containLabel: true },
    legend: data.series.length > 1 ? { top: 0, left: 0, itemHeight: 9 } : undefined,
    tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: (value) => (value == null ? "—" : `${value.toLocaleString()} ${data.unit}`) },
    xAxis: data.lying ? numbers : names,
    yAxis: data.lying ? names : numbers,
    series: data.series.map((it) => ({
      name: it.name, type: it.kind, data: it.values, stack: it.stack || undefined, barMaxWidth: 26,
      symbolSize: 5, itemStyle: it.tone ? { color: TONES[it.tone] } : undefined,
    })),
  });
  chart.on("click", (event) => {
    const href = data.hrefs[event.dataIndex];
    if (href) location.assign(href);
  });
  new ResizeObserver(() => chart.resize()).observe(holder);
}
