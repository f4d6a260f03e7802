"use strict";
// The flame graph, with d3-flame-graph: of the trace, the profile, or the difference.
const flames = (() => {
  const place = document.getElementById("flames");
  const line = document.getElementById("frame");
  const found = document.getElementById("found");
  const search = document.getElementById("search");
  const buttons = [...document.querySelectorAll("[data-view]")];
  const legends = {
    trace: "As wide as a function and all that it called have samples in the trace; callers above. Colours tell packages apart; \u21bb calls itself. Narrower frames than 3 pixels are not drawn: zoom in.",
    profile: "As wide as a function and all that it called have samples in the profile; callers above. Colours tell packages apart; \u21bb calls itself. Narrower frames than 3 pixels are not drawn: zoom in.",
    difference: "Only stacks whose counts differ, as wide as they do. Orange: the trace misses samples. Blue: it has too many. The paler, the more both are below. Narrower frames than 3 pixels are not drawn.",
  };
  const { names, nodes, left_out } = data.flames;
  const width = { trace: (n) => n.trace, profile: (n) => n.profile, difference: (n) => n.missing + n.surplus };
  let [graph, view, selected, root, isSearched] = [null, null, null, null, false];

  // The nodes of a view: callers come before callees.
  const tree = (view) => {
    const path = [];
    for (let i = 0; i < nodes.length; i += 6) {
      const depth = nodes[i + 1];
      const node = { n: names[nodes[i]], trace: nodes[i + 2], profile: nodes[i + 3], missing: nodes[i + 4], surplus: nodes[i + 5], v: 0, c: [] };
      node.v = width[view](node);
      path[depth] = node;
      path.length = depth + 1;
      if (depth > 0 && node.v > 0) path[depth - 1].c.push(node);
    }
    return path[0];
  };

  const hash = (text) => {
    let hash = 0;
    for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) >>> 0;
    return hash;
  };
  const pack = (name) => name.replace(/^(.*\/)?([^./]*).*$/, "$1$2");
  // The folders of a package say little where there is little room.
  const kept = (of) => {
    const known = new Map();
    return (name) => known.get(name) ?? known.set(name, of(name)).get(name);
  };
  const short = kept((name) => name.replace(/[^\s()\[\],*]*\//g, ""));
  const hue = kept((n) => {
    const package_ = pack(n);
    if (/^(runtime|internal|syscall)\b/.test(package_)) return `hsl(215 18% ${72 + hash(n) % 10}%)`;
    return `hsl(${hash(package_) % 300 + 10} 62% ${70 + hash(n) % 9}%)`;
  });
  const color = (d) => {
    const { n, missing, surplus } = d.data;
    if (d.highlight) return "#d63aff";
    if (d.depth === 0) return "#c9ced6";
    if (view === "difference") {
      const part = (missing - surplus) / (missing + surplus);
      return part > 0 ? `hsl(24 90% ${92 - 32 * part}%)` : `hsl(212 85% ${92 + 28 * part}%)`;
    }
    return hue(n);
  };
  const part = (value, all) => all ? (100 * value / all).toFixed(value === all ? 0 : 1) + " %" : "";
  const label = (d) => {
    const { n, trace, profile, missing, surplus } = d.data;
    const all = root.data;
    if (!data.has_profile) return `${n}: ${trace} samples (${part(trace, all.trace)})`;
    const less = [missing && `${missing} missing in the trace`, surplus && `${surplus} too many`].filter(Boolean).join(", ");
    return `${n}: trace ${trace} (${part(trace, all.trace)}), profile ${profile} (${part(profile, all.profile)})` + (less && `; ${less}`);
  };

  const frames = () => [...place.querySelectorAll("g.frame")];
  // A frame that is new would grow to its width within a quarter of a second, whatever the graph's duration is.
  const settle = () => {
    for (const g of frames()) g.querySelector("rect").setAttribute("width", g.getAttribute("width"));
  };
  const select = (d) => {
    selected = d;
    for (const g of frames()) g.classList.toggle("selected", g.__data__ === d);
    line.textContent = d ? label(d) : "\u00a0";
    const g = d && frames().find((g) => g.__data__ === d);
    if (g) g.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  const show = (next) => {
    const began = performance.now();
    // Asked before anything changes, it is known: a page is laid out once.
    const wide = place.clientWidth;
    view = next;
    if (graph) graph.destroy();
    place.replaceChildren();
    for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.view === view);
    document.getElementById("legend").textContent = legends[view] +
      (left_out ? ` The ${left_out} smallest frames are left out: their samples are their callers' own.` : "");
    selected = null;
    line.textContent = "\u00a0";
    const top = tree(view);
    place.dataset.samples = top.v;
    place.classList.toggle("none", !top.v);
    if (!top.v) {
      graph = null;
      root = null;
      found.textContent = "";
      place.textContent = view === "difference" ? "No stack differs: nothing is missing on either side." : "There is no sample.";
      return;
    }
    const tip = flame.tooltip.defaultFlamegraphTooltip().text(label);
    graph = flame.graph()
      .width(wide).cellHeight(19).minFrameSize(3).inverted(true).transitionDuration(0)
      .getName((d) => short(d.data.n)).setColorMapper(color).setLabelHandler(label).tooltip(tip).onClick((d) => { settle(); select(d); })
      .setSearchMatch((d, term) => term !== "" && d.data.n.toLowerCase().includes(term.toLowerCase()))
      .setSearchHandler(() => {});
    graph.resetHeightOnZoom(true);
    flame.select(place).datum(top).call(graph);
    root = flame.select(place).datum();
    isSearched = false;
    settle();
    look();
    place.dataset.millis = Math.round(performance.now() - began);
  };

  const look = () => {
    const term = search.value.trim();
    found.textContent = "";
    if (!graph) return;
    if (!term) {
      // Drawing it takes its time: not twice for nothing.
      if (isSearched) {
        graph.clear();
        settle();
      }
      isSearched = false;
      return;
    }
    isSearched = true;
    graph.search(term);
    settle();
    let [sum, functions] = [0, new Set()];
    const walk = (d, isBelow) => {
      if (d.highlight) functions.add(d.data.n);
      if (d.highlight && !isBelow) sum += d.data.v;
      for (const child of d.children || []) walk(child, isBelow || d.highlight);
    };
    walk(root, false);
    place.dataset.found = sum;
    found.textContent = `${functions.size} function${functions.size === 1 ? "" : "s"} with this in the name: ${sum} of ${root.data.v} samples (${part(sum, root.data.v)}).`;
  };
  const reset = () => {
    if (graph) graph.resetZoom();
    select(null);
  };

  for (const button of buttons) button.addEventListener("click", () => { show(button.dataset.view); remember(); });
  let waits = 0;
  search.addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(() => { look(); remember(); }, 60);
  });
  document.getElementById("reset").addEventListener("click", reset);
  place.addEventListener("keydown", (event) => {
    if (!root || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = selected || root;
    const near = (step) => {
      const all = (at.parent ? at.parent.children : [at]).filter((d) => d.data.v > 0);
      return all[all.indexOf(at) + step] || at;
    };
    const widest = (d) => (d.children || []).reduce((a, b) => !a || b.data.v > a.data.v ? b : a, null) || d;
    const keys = {
      ArrowUp: () => select(selected ? at.parent || at : root), ArrowDown: () => select(selected ? widest(at) : root),
      ArrowLeft: () => select(near(-1)), ArrowRight: () => select(near(1)),
      Enter: () => { graph.zoomTo(at); select(at); }, Escape: reset,
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target !== search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      look();
      place.focus();
    }
  });
  addEventListener("resize", () => {
    if (graph && graph.width() !== place.clientWidth) show(view);
  });

  // A link may say what is to be seen: #view=difference&search=main.hog
  const remember = () => {
    const words = new URLSearchParams({ view });
    if (search.value) words.set("search", search.value);
    history.replaceState(null, "", "#" + words);
  };
  const asked = new URLSearchParams(location.hash.slice(1));
  search.value = asked.get("search") || "";
  const views = buttons.map((button) => button.dataset.view);
  const first = nodes[4] + nodes[5] > 0 ? "difference" : "trace";
  show(views.includes(asked.get("view")) ? asked.get("view") : first);
  return { show, look };
})();
document.documentElement.dataset.ready = "yes";
