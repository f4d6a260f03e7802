"use strict";
// Samples over time, with uPlot: the whole trace, its rings, and a row for each thread.
const data = JSON.parse(document.getElementById("data").textContent);
const charts = (() => {
  const width = data.width_ns / 1e9;
  const span = Math.max(data.span_ns / 1e9, width);
  const period = data.period_ns / 1e3;
  const count = data.lanes[0].samples.length;
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const rate = document.getElementById("rate");
  const rings = document.getElementById("rings");
  // Charts by their places; and the rows of threads that are on the screen: the others wait until they are.
  const drawn = new Map();
  const seen = new Set();
  let range = [0, span];

  // Asked once, for asking makes the browser work out the page's style.
  let colors = new Map();
  const color = (name) => {
    if (!colors.has(name)) colors.set(name, getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim());
    return colors.get(name);
  };
  // How many buckets a bar stands for: some 100 bars are on the screen.
  const factor = (most) => {
    let n = 1;
    while ((range[1] - range[0]) / (width * n) > most) n *= 2;
    return n;
  };
  // Bars of several buckets: their moments, the samples, and those to be expected.
  const series = (lanes, most) => {
    const n = factor(most);
    const bars = Math.ceil(count / n);
    const [at, came, due] = [0, 0, 0].map(() => new Array(bars).fill(0));
    for (let bar = 0; bar < bars; bar++) {
      at[bar] = bar * n * width;
      for (const lane of lanes) {
        for (let i = bar * n; i < Math.min((bar + 1) * n, count); i++) {
          came[bar] += lane.samples[i];
          due[bar] += lane.ran_us[i] / period;
        }
      }
    }
    // The last bar has an end, too.
    at.push(bars * n * width);
    came.push(null);
    due.push(due[bars - 1]);
    return [at, came, due.map((value) => Math.round(value * 10) / 10)];
  };
  // Rings step by step: the most in a bucket, then what was left.
  const fills = () => {
    const moments = new Map();
    data.rings.forEach((ring, which) => {
      for (const [bucket, most, last] of ring) {
        for (const [place, words] of [[0, most], [0.5, last]]) {
          const at = (bucket + place) * width;
          if (!moments.has(at)) moments.set(at, data.rings.map(() => undefined));
          moments.get(at)[which] = words;
        }
      }
    });
    const at = [...moments.keys()].sort((a, b) => a - b);
    const percent = (words) => words === undefined ? undefined : Math.round(words / data.capacity_words * 1e4) / 100;
    const rows = data.rings.map((_, which) => {
      let last = undefined;
      return at.map((moment) => {
        const words = moments.get(moment)[which];
        last = words === undefined ? last : words;
        return last === undefined ? null : percent(last);
      });
    });
    return [at, ...rows];
  };

  // What is pointed out, behind the curves: bands, and lines where there is no time between.
  const marks = (chart, isMain) => {
    const { ctx, bbox } = chart;
    const px = (ns) => chart.valToPos(ns / 1e9, "x", true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const mark of data.marks) {
      const [from, to] = [px(mark.from_ns), px(mark.to_ns)];
      ctx.globalAlpha = mark.kind === "outside" ? 0.12 : 0.25;
      ctx.fillStyle = color(mark.kind);
      ctx.fillRect(from, bbox.top, Math.max(to - from, 3 * devicePixelRatio), bbox.height);
    }
    ctx.globalAlpha = 1;
    if (chart.root.parentElement === rings) {
      // A ring was read: ticks, at the bottom.
      ctx.fillStyle = color("text");
      for (const read of data.reads) {
        const high = 8 * devicePixelRatio;
        ctx.fillRect(Math.round(px(read)), bbox.top + bbox.height - high, devicePixelRatio, high);
      }
    }
    if (isMain) {
      ctx.strokeStyle = ctx.fillStyle = color("faint");
      ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.font = 10 * devicePixelRatio + "px system-ui, sans-serif";
      ctx.textAlign = "left";
      ctx.textBaseline = "alphabetic";
      let free = -Infinity;
      for (const [number, from] of data.generations) {
        const x = Math.round(px(from));
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        const text = "gen " + number;
        const end = x + ctx.measureText(text).width + 3 * devicePixelRatio;
        if (x > free && end <= bbox.left + bbox.width) {
          ctx.fillText(text, x + 3 * devicePixelRatio, bbox.top + 10 * devicePixelRatio);
          free = end + 5 * devicePixelRatio;
        }
      }
    }
    ctx.restore();
  };

  const show = (from, to) => {
    const long = Math.min(Math.max(to - from, 4 * width), span);
    const start = Math.min(Math.max(from, 0), span - long);
    range = [start, start + long];
    document.getElementById("time").dataset.range = range;
    for (const one of drawn.values()) if (!one.lane || seen.has(one.place)) refresh(one);
  };
  const refresh = (one) => {
    if (one.range === range) return;
    one.range = range;
    one.chart.batch(() => {
      if (one.values) one.chart.setData(one.values(), false);
      one.chart.setScale("x", { min: range[0], max: range[1] });
    });
  };
  const whole = () => show(0, span);

  const axis = (more) => ({
    stroke: color("faint"), grid: { stroke: color("line"), width: 1 }, ticks: { stroke: color("line"), width: 1 },
    font: "12px system-ui, sans-serif", ...more,
  });
  const common = (place, height, isMain) => ({
    width: place.clientWidth, height,
    scales: { x: { time: false, range: () => range } },
    cursor: { sync: { key: "time" }, drag: { x: true, y: false, setScale: false }, points: { show: isMain }, y: false },
    hooks: {
      drawAxes: [(chart) => marks(chart, isMain)],
      setSelect: [(chart) => {
        const { left, width: wide } = chart.select;
        if (wide > 3) show(chart.posToVal(left, "x"), chart.posToVal(left + wide, "x"));
        chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
      ready: [(chart) => chart.over.addEventListener("dblclick", (event) => { event.stopImmediatePropagation(); whole(); }, true)],
    },
  });
  const add = (options, values, place, live) => {
    const chart = new uPlot(options, values(), place);
    drawn.set(place, { chart, values: live ? values : null, place, range, lane: place.dataset.lane });
  };
  const moments = () => axis({ size: 34, values: (_, ticks) => ticks.map((tick) => +tick.toFixed(6) + " s") });
  const number = (_, value) => value == null ? "\u2013" : String(value);
  const at = (chart, value) => value == null ? "\u2013" : value.toFixed(3) + " s";
  const bars = uPlot.paths.bars({ size: [1, Infinity], align: 1, gap: 1 });
  const steps = uPlot.paths.stepped({ align: 1 });

  const row = (place) => {
    const lane = data.lanes[place.dataset.lane];
    add({
      ...common(place, 30, false),
      legend: { show: false }, padding: [2, 0, 2, 0],
      axes: [{ show: false }, { show: false }],
      series: [{}, { fill: color("came"), stroke: color("came"), width: 0, paths: bars, points: { show: false } },
        { stroke: color("due"), width: 1, paths: steps, points: { show: false } }],
    }, () => series([lane], 200), place, true);
  };
  const rows = document.querySelectorAll(".lane");

  const draw = (isAll) => {
    for (const { chart } of drawn.values()) chart.destroy();
    drawn.clear();
    colors = new Map();
    add({
      ...common(rate, 230, true),
      scales: { x: { time: false, range: () => range }, y: { range: (_, _min, most) => [0, Math.max(most, 1) * 1.15] } },
      axes: [moments(), axis({ size: 56 })],
      series: [
        { label: "time", value: at },
        { label: "samples", value: number, fill: color("came"), stroke: color("came"), width: 0, paths: bars, points: { show: false } },
        { label: "expected", value: number, stroke: color("due"), width: 2, paths: steps, points: { show: false } },
      ],
    }, () => series(data.lanes, 100), rate, true);

    rings.hidden = !data.rings.some((ring) => ring.length);
    if (!rings.hidden) {
      const label = data.is_v2 ? ["even generations", "odd generations"] : ["in the ring"];
      add({
        ...common(rings, 170, true),
        scales: { x: { time: false, range: () => range }, y: { range: [0, 100] } },
        axes: [moments(),
          axis({ size: 56, values: (_, ticks) => ticks.map((tick) => tick + " %") })],
        series: [{ label: "time", value: at }, ...data.rings.map((_, which) => ({
          label: label[which], stroke: color("ring" + which), width: 2, paths: steps, points: { show: false },
          value: (_, value) => value == null ? "\u2013" : value + " %",
        }))],
      }, fills, rings, false);
    }
    for (const place of rows) if (isAll || seen.has(place)) row(place);
  };
  draw(false);
  const watch = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      if (!isIntersecting) seen.delete(target);
      else if (seen.add(target) && drawn.has(target)) refresh(drawn.get(target));
      else row(target);
    }
  });
  for (const place of rows) watch.observe(place);
  document.getElementById("time").dataset.range = range;

  document.getElementById("whole").addEventListener("click", whole);
  document.getElementById("time").addEventListener("keydown", (event) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const [from, to] = range;
    const part = (to - from) / 4;
    const keys = {
      ArrowLeft: () => show(from - part, to - part), ArrowRight: () => show(from + part, to + part),
      "+": () => show(from + part, to - part), "=": () => show(from + part, to - part),
      "-": () => show(from - 2 * part, to + 2 * part), "0": whole, Escape: whole,
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  for (const button of document.querySelectorAll("[data-mark]")) {
    button.addEventListener("click", () => {
      const mark = data.marks[button.dataset.mark];
      const [from, to] = [mark.from_ns / 1e9, mark.to_ns / 1e9];
      const around = Math.max((to - from) / 2, span / 20);
      show(from - around, to + around);
      rate.scrollIntoView({ block: "nearest" });
    });
  }
  const resize = new ResizeObserver(() => {
    for (const { chart, place } of drawn.values()) {
      if (place.clientWidth && place.clientWidth !== chart.width) chart.setSize({ width: place.clientWidth, height: chart.height });
    }
  });
  resize.observe(rate);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(false));
  // Paper is white, and has all rows.
  addEventListener("beforeprint", () => { document.documentElement.dataset.theme = "light"; draw(true); });
  addEventListener("afterprint", () => { delete document.documentElement.dataset.theme; draw(false); });
  document.getElementById("time").dataset.samples = sum(data.lanes.map((lane) => sum(lane.samples)));
  document.getElementById("time").dataset.reads = data.reads.length;
  return { show, whole };
})();
