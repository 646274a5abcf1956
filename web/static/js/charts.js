/* The course chart: one panel for hairs/cm2, one for FU/cm2, over the visits' dates. The numbers come from the API. */
(() => {
  "use strict";

  const CAP_PX = 4;
  const TICKS = 4;
  const AXIS_PX = 22;
  const DAY_MS = 864e5;

  /* The months as the page's language calls them. */
  const MONTH = new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", timeZone: "UTC" });
  const LOCALE = { time: { monthAbbr: Array.from({ length: 12 }, (_, month) => MONTH.format(Date.UTC(2024, month, 15))) } };

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function palette() {
    return {
      ink: token("--ink"),
      soft: token("--ink-soft"),
      line: token("--line"),
      surface: token("--surface"),
      band: token("--band"),
      font: getComputedStyle(document.body).fontFamily,
      series: { hairs: token("--accent"), fu: token("--second") },
    };
  }

  function points(course, quantity) {
    return course.visits
      .filter((visit) => visit[quantity.key])
      .map((visit) => ({ visit, estimate: visit[quantity.key], value: [visit.date, visit[quantity.key].value] }));
  }

  const outside = (quantity, value) => quantity.band && (value < quantity.band[0] || value > quantity.band[1]);

  /* Ends of the axis: everything that is drawn, and a margin, on round numbers. */
  function extent(quantity, shown) {
    const values = shown.flatMap((p) => [p.estimate.low, p.estimate.high]).concat(quantity.band || []);
    const low = Math.min(...values);
    const high = Math.max(...values);
    const step = [1, 2, 5, 10, 20, 25, 50, 100].find((s) => Math.ceil(high / s) - Math.floor(low / s) <= TICKS) || 200;
    return { min: Math.floor(low / step) * step, max: Math.ceil(high / step) * step, interval: step };
  }

  function errorBar(colour) {
    return (params, api) => {
      const low = api.coord([api.value(0), api.value(1)]);
      const high = api.coord([api.value(0), api.value(2)]);
      const x = low[0];
      const style = { stroke: colour, lineWidth: 1.5 };
      const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style });
      return {
        type: "group",
        children: [
          line(x, low[1], x, high[1]),
          line(x - CAP_PX, low[1], x + CAP_PX, low[1]),
          line(x - CAP_PX, high[1], x + CAP_PX, high[1]),
        ],
      };
    };
  }

  function seriesOf(course, quantity, index, look) {
    const colour = look.series[quantity.key];
    const shown = points(course, quantity);
    const area = quantity.band
      ? { silent: true, itemStyle: { color: look.band }, data: [[{ yAxis: quantity.band[0] }, { yAxis: quantity.band[1] }]] }
      : { data: [] };
    const start =
      quantity.baseline === null
        ? { data: [] }
        : {
            silent: true,
            symbol: "none",
            lineStyle: { color: look.soft, type: "dashed", width: 1 },
            label: { show: false },
            data: [{ yAxis: quantity.baseline }],
          };
    const place = { xAxisIndex: index, yAxisIndex: index };
    return [
      {
        ...place,
        id: `${quantity.key}-bars`,
        type: "custom",
        silent: true,
        renderItem: errorBar(colour),
        data: shown.map((p) => [p.visit.date, p.estimate.low, p.estimate.high]),
        encode: { x: 0, y: [1, 2] },
        z: 2,
      },
      {
        ...place,
        id: `${quantity.key}-line`,
        type: "line",
        data: shown.map((p) => ({
          value: p.value,
          visit: p.visit.number,
          itemStyle: { color: outside(quantity, p.estimate.value) ? colour : look.surface, borderColor: colour, borderWidth: 2 },
        })),
        symbol: "circle",
        symbolSize: 8,
        lineStyle: { color: colour, width: 2 },
        markArea: area,
        markLine: start,
        z: 3,
      },
    ];
  }

  function titleOf(course, quantity, top, look) {
    const latest = points(course, quantity).at(-1);
    const value = latest ? `  {v|${latest.estimate.text}}` : "";
    return {
      text: `{n|${quantity.name}}${value}`,
      left: 8,
      top,
      padding: 0,
      textStyle: {
        rich: {
          n: { color: look.series[quantity.key], fontWeight: 700, fontSize: 13, fontFamily: look.font },
          v: { color: look.ink, fontSize: 13, fontFamily: look.font },
        },
      },
    };
  }

  function tip(course, date, words) {
    const visit = course.visits.find((v) => v.date === date);
    const box = document.createElement("div");
    box.className = "tip";
    if (!visit) return box;
    const head = document.createElement("b");
    head.textContent = `${words.visit.replace("{number}", visit.number)} · ${visit.date_text}`;
    box.append(head);
    for (const quantity of course.quantities) {
      const e = visit[quantity.key];
      if (!e) continue;
      const line = document.createElement("div");
      line.textContent = `${e.value_text} ${quantity.unit} (${e.interval_text})`;
      box.append(line);
    }
    return box;
  }

  function options(course, height, words, moving) {
    const look = palette();
    const drawn = course.quantities.map((quantity) => points(course, quantity));
    const axisText = { color: look.soft, fontSize: 12, fontFamily: look.font };
    const panel = (height - AXIS_PX) / 2;
    const top = (i) => i * panel + (i ? 6 : 0);
    const dates = course.visits.map((visit) => Date.parse(visit.date));
    const margin = 12 * DAY_MS;
    const grids = course.quantities.map((_, i) => ({
      left: 44,
      right: 14,
      top: top(i) + 24,
      height: panel - 24 - (i ? 10 : 6),
    }));
    return {
      animationDuration: 300,
      animation: moving && !matchMedia("(prefers-reduced-motion: reduce)").matches,
      textStyle: { fontFamily: look.font },
      title: course.quantities.map((quantity, i) => titleOf(course, quantity, top(i) + 4, look)),
      grid: grids,
      axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: look.soft } },
      tooltip: {
        trigger: "axis",
        confine: true,
        backgroundColor: look.surface,
        borderColor: look.line,
        formatter: (items) => tip(course, items[0].value[0], words),
      },
      xAxis: course.quantities.map((_, i) => ({
        type: "time",
        gridIndex: i,
        minInterval: 25 * DAY_MS,
        min: Math.min(...dates) - margin,
        max: Math.max(...dates, Math.min(...dates) + 60 * DAY_MS) + margin,
        axisLabel: { ...axisText, show: i === course.quantities.length - 1, hideOverlap: true, formatter: { year: "{yyyy}", month: "{MMM}", day: "{d} {MMM}" } },
        axisTick: { show: i === course.quantities.length - 1 },
        axisLine: { lineStyle: { color: look.line } },
        splitLine: { show: false },
      })),
      yAxis: course.quantities.map((quantity, i) => ({
        type: "value",
        gridIndex: i,
        ...(drawn[i].length ? extent(quantity, drawn[i]) : {}),
        axisLabel: axisText,
        splitLine: { lineStyle: { color: look.line, opacity: 0.6 } },
      })),
      series: course.quantities.flatMap((quantity, i) => seriesOf(course, quantity, i, look)),
    };
  }

  function start(element) {
    const words = { ...element.dataset };
    let chart = null;
    let course = null;

    /* moving: whether what changed moves to its new place; a new size is taken at once. */
    function draw(moving) {
      if (!course) return;
      const measured = course.visits.filter((visit) => visit.hairs).length;
      if (!measured) {
        element.dataset.drawn = "0";
        element.replaceChildren(Object.assign(document.createElement("p"), { className: "chart-note", textContent: words.empty }));
        return;
      }
      if (!chart) {
        element.replaceChildren();
        chart = echarts.init(element, null, { renderer: "canvas", locale: LOCALE });
        chart.on("click", (event) => document.getElementById(`visit-${event.data.visit}`)?.click());
        chart.on("finished", () => { element.dataset.drawn = String(element.dataset.measured); });
      }
      element.dataset.measured = String(measured);
      chart.setOption(options(course, element.clientHeight, words, moving));
    }

    async function load() {
      // A canvas does not draw itself anew when its typeface arrives.
      const [answer] = await Promise.all([
        fetch(element.dataset.source, { headers: { Accept: "application/json" } }),
        document.fonts.ready,
      ]);
      if (!answer.ok) return;
      course = await answer.json();
      draw(true);
    }

    new ResizeObserver(() => {
      if (!chart) return;
      chart.resize();
      draw(false);
    }).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(false));
    document.body.addEventListener("course-changed", load);
    load();
  }

  const element = document.getElementById("course-chart");
  if (element) start(element);
})();
