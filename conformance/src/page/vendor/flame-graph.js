// The flame graph, and what is needed of d3 to draw it, as one script that sets `flame`.
export { default as graph, tooltip } from "d3-flame-graph";
export { select } from "d3-selection";
