"""Solve a routing instance with OR-Tools' routing library: file, seconds."""

import json
import sys
from pathlib import Path

from clock import Clock
from ortools.constraint_solver import pywrapcp, routing_enums_pb2


def main(file: str, seconds: float) -> None:
    clock = Clock()
    data = json.loads(Path(file).read_text())
    distance, demand, due = data["distance"], data["demand"], data["due"]
    manager = pywrapcp.RoutingIndexManager(len(demand), data["vehicles"], 0)
    routing = pywrapcp.RoutingModel(manager)
    node = manager.IndexToNode
    way = routing.RegisterTransitCallback(lambda a, b: distance[node(a)][node(b)])
    routing.SetArcCostEvaluatorOfAllVehicles(way)
    load = routing.RegisterUnaryTransitCallback(lambda a: demand[node(a)])
    routing.AddDimension(load, 0, data["capacity"], True, "load")
    if due is not None:
        service, ready = data["service"], data["ready"]
        spend = routing.RegisterTransitCallback(
            lambda a, b: distance[node(a)][node(b)] + service[node(a)]
        )
        routing.AddDimension(spend, due[0], due[0], False, "time")
        time = routing.GetDimensionOrDie("time")
        for place in range(1, len(demand)):
            time.CumulVar(manager.NodeToIndex(place)).SetRange(ready[place], due[place])
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    search.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    search.time_limit.FromMilliseconds(int(seconds * 1000))
    found = routing.SolveWithParameters(search)
    clock.lap("solve")
    clock.report(distance=found.ObjectiveValue() if found else None)


main(sys.argv[1], float(sys.argv[2]))
