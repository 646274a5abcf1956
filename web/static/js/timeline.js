/* Density, blood values, what was taken and shed counts on one time axis (REQ-01, REQ-31). The numbers come from the
   API; nothing is computed here but places on the screen. */
(() => {
  "use strict";

  const DAY_MS = 864e5;
  const CAP_PX = 4;
  const LEFT = 52;
  const RIGHT = 104;
  const LABEL_PX = 13;
  const PANEL_EDGE_PX = 34;  // title above, last number of the axis below
  const ROW_PX = 16;
  const ROWS = 4;  // that find room in the height of the page's style
  const BAND_ALPHA = { low: 0.2, borderline: 0.11, normal: 0.04, high: 0.11 };

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const look = () => ({
    ink: token("--ink"),
    soft: token("--ink-soft"),
    line: token("--line"),
    surface: token("--surface"),
    accent: token("--accent"),
    second: token("--second"),
    notice: token("--notice"),
    band: token("--band"),
    font: getComputedStyle(document.body).fontFamily,
  });

  const at = (panel) => ({ xAxisIndex: panel, yAxisIndex: panel });

  /* A filled band between two lines, each a list of [date, value]. */
  function area(panel, id, low, high, colour, opacity) {
    const corners = [...low, ...high.slice().reverse()];
    return {
      ...at(panel), id, type: "custom", silent: true, z: 1, clip: true,
      data: low.length ? [0] : [],
      encode: { x: -1, y: -1 },
      renderItem: (_, api) => ({
        type: "polygon",
        shape: { points: corners.map((corner) => api.coord([Date.parse(corner[0]), corner[1]])) },
        style: { fill: colour, opacity },
      }),
    };
  }

  function bars(panel, id, rows, colour) {
    return {
      ...at(panel), id, type: "custom", silent: true, z: 2, clip: true,
      data: rows,
      encode: { x: 0, y: [1, 2] },
      renderItem: (_, api) => {
        const low = api.coord([api.value(0), api.value(1)]);
        const high = api.coord([api.value(0), api.value(2)]);
        const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colour, lineWidth: 1.5 } });
        return { type: "group", children: [
          line(low[0], low[1], high[0], high[1]),
          line(low[0] - CAP_PX, low[1], low[0] + CAP_PX, low[1]),
          line(low[0] - CAP_PX, high[1], low[0] + CAP_PX, high[1]),
        ] };
      },
    };
  }

  function densitySeries(d, panel, c) {
    const made = [];
    const smooth = d.density.smooth;
    if (smooth && smooth.dates.length > 1) {
      const line = (name) => smooth.dates.map((date, i) => [date, smooth[name][i]]);
      made.push(area(panel, "smooth-band", line("low"), line("high"), c.accent, 0.13));
      made.push({ ...at(panel), id: "smooth", type: "line", silent: true, symbol: "none", z: 2, data: line("mean"), lineStyle: { color: c.accent, width: 2, opacity: 0.55 } });
    }
    const expected = d.expected;
    if (expected.length > 1) {
      const line = (name) => expected.map((point) => [point.date, point[name]]);
      made.push(area(panel, "expected", line("low"), line("high"), c.second, 0.16));
    }
    const segments = [...new Set(d.density.means.map((mean) => mean.segment))];
    made.push(bars(panel, "visit-bars", d.density.means.map((mean) => [mean.date, mean.hairs.low, mean.hairs.high]), c.accent));
    segments.forEach((segment, i) => {
      const own = d.density.means.filter((mean) => mean.segment === segment);
      made.push({
        ...at(panel), id: `visits-${segment}`, type: "line", z: 3, symbol: "circle", symbolSize: 8,
        data: own.map((mean) => ({ value: [mean.date, mean.hairs.value], about: mean })),
        lineStyle: { width: 0 },
        itemStyle: { color: c.surface, borderColor: c.accent, borderWidth: 2 },
        markLine: {
          silent: true, symbol: "none", label: { show: false },
          data: [
            ...(i ? [{ xAxis: own[0].date, lineStyle: { color: c.notice, type: "solid", width: 1 } }] : []),
            ...(i === segments.length - 1 && d.claim
              ? [{ yAxis: d.claim.before.value, lineStyle: { color: c.soft, type: "dashed", width: 1 } }]
              : []),
          ],
        },
      });
    });
    return made;
  }

  /* The names of the bands beside the panel, pushed apart from below where bands are narrow. Bands outside the panel
     have none. */
  function bandNames(bands, panel, c) {
    return {
      ...at(panel), id: "band-names", type: "custom", silent: true, z: 3, clip: false,
      data: bands.length ? [0] : [],
      encode: { x: -1, y: -1 },
      renderItem: (params, api) => {
        const box = params.coordSys;
        const inside = (y) => Math.min(Math.max(y, box.y), box.y + box.height);
        const edge = (value, open) => (value === null ? open : inside(api.coord([0, value])[1]));
        const shown = bands
          .map((band) => ({ title: band.title, top: edge(band.high, box.y), bottom: edge(band.low, box.y + box.height) }))
          .filter((band) => band.bottom - band.top > 1)
          .sort((a, b) => b.bottom - a.bottom);
        let lowest = Infinity;
        return {
          type: "group",
          children: shown.map((band) => {
            lowest = Math.min((band.top + band.bottom) / 2, lowest - LABEL_PX);
            return { type: "text", style: { text: band.title, x: box.x + box.width + 6, y: lowest, verticalAlign: "middle", fill: c.soft, font: `11px ${c.font}` } };
          }),
        };
      },
    };
  }

  /* A result without two ends points to where it may lie: an open triangle. */
  function labSeries(view, factor, panel, c) {
    const scaled = (value) => (value === null ? null : value * factor);
    const closed = view.results.filter((result) => result.comparator === "=");
    const open = view.results.filter((result) => result.comparator && result.comparator !== "=" && result.number !== null);
    const point = (result) => ({ value: [result.drawn, scaled(result.number)], about: result });
    return [
      {
        ...at(panel), id: "lab", type: "line", z: 3, symbol: "circle", symbolSize: 8,
        data: closed.map(point),
        lineStyle: { color: c.second, width: 1, type: "dotted" },
        itemStyle: { color: c.second },
        markArea: {
          silent: true,
          label: { show: false },
          data: view.bands.map((band) => [
            { yAxis: band.low === null ? -Infinity : scaled(band.low), itemStyle: { color: c.second, opacity: BAND_ALPHA[band.label] || 0 } },
            { yAxis: band.high === null ? Infinity : scaled(band.high) },
          ]),
        },
      },
      {
        ...at(panel), id: "lab-open", type: "scatter", z: 3, symbol: "triangle", symbolSize: 13,
        data: open.map((result) => ({ ...point(result), symbolRotate: result.comparator.startsWith("<") ? 180 : 0 })),
        itemStyle: { color: c.surface, borderColor: c.second, borderWidth: 2 },
      },
      bandNames(view.bands.map((band) => ({ ...band, low: scaled(band.low), high: scaled(band.high) })), panel, c),
    ];
  }

  function takenSeries(d, panel, c) {
    const rows = d.rows;
    const today = d.as_of;
    const regimens = d.timeline.regimens.map((each) => ({ value: [each.start, each.end || today, rows.indexOf(each.label)], about: each }));
    return [
      {
        ...at(panel), id: "regimens", type: "custom", z: 2, clip: true, data: regimens,
        encode: { x: [0, 1], y: 2 },
        renderItem: (params, api) => {
          const start = api.coord([api.value(0), api.value(2)]);
          const end = api.coord([api.value(1), api.value(2)]);
          return { type: "rect", shape: { x: start[0], y: start[1] - 6, width: Math.max(end[0] - start[0], 3), height: 12, r: 3 }, style: { fill: c.second, opacity: 0.45 } };
        },
      },
      {
        ...at(panel), id: "doses", type: "scatter", z: 3, symbol: "rect", symbolSize: [3, 14],
        data: d.timeline.doses.map((each) => ({ value: [each.given, rows.indexOf(each.label)], about: each })),
        itemStyle: { color: c.second },
      },
      {
        ...at(panel), id: "events", type: "scatter", z: 3, symbol: "diamond", symbolSize: 12,
        data: d.timeline.events.map((each) => ({ value: [each.happened, rows.indexOf(each.label)], about: each })),
        itemStyle: { color: c.notice },
      },
    ];
  }

  const shedSeries = (d, panel, c) => d.sheds.map((series, i) => ({
    ...at(panel), id: `shed-${i}`, type: "line", z: 3, symbol: ["circle", "rect", "triangle", "diamond"][i % 4], symbolSize: 8,
    data: series.rounds.map((round) => ({ value: [round.first, round.counts.reduce((a, b) => a + b, 0) / round.counts.length], about: round })),
    lineStyle: { color: c.notice, width: 1, type: "dotted" },
    itemStyle: { color: c.notice },
  }));

  function tip(item) {
    const box = document.createElement("div");
    box.className = "tip";
    const say = (tag, text) => box.append(Object.assign(document.createElement(tag), { textContent: text }));
    for (const line of item.data?.about?.lines || []) say("div", line);
    return box;
  }

  function options(d, view, factor, height, words) {
    const c = look();
    const rowsPx = d.rows.length ? PANEL_EDGE_PX + ROW_PX * d.rows.length : 0;
    const shares = [d.density.means.length ? 0.42 : 0, view ? 0.24 : 0, 0, d.sheds.length ? 0.18 : 0];
    const total = shares.reduce((a, b) => a + b, 0);
    const usable = height - 38 - rowsPx;
    const sizes = shares.map((share, i) => (i === 2 ? rowsPx : share && (usable * share) / total));
    const panels = [];
    let top = 4;
    const unit = view ? `${view.name}, ${d.unit}` : "";
    const titles = [words.hairs, unit, words.taken, [words.shed, ...d.sheds.map((series) => series.label)].join(" · ")];
    sizes.forEach((size, i) => {
      if (!size) return;
      panels.push({ kind: i, top: top + 20, height: size - PANEL_EDGE_PX, title: titles[i], titleTop: top });
      top += size;
    });
    const days = [
      ...d.density.means.map((mean) => mean.date), ...d.labs.flatMap((each) => each.results.map((result) => result.drawn)),
      ...d.timeline.regimens.map((each) => each.start), ...d.timeline.doses.map((each) => each.given),
      ...d.timeline.events.map((each) => each.happened), ...d.sheds.flatMap((series) => series.rounds.map((round) => round.first)),
      d.as_of,
    ].map((day) => Date.parse(day));
    const smooth = d.density.smooth;
    const drawn = [
      ...d.density.means.flatMap((mean) => [mean.hairs.low, mean.hairs.high]), ...(smooth ? [...smooth.low, ...smooth.high] : []),
      ...d.expected.flatMap((point) => [point.low, point.high]),
    ];
    const whole = drawn.length ? { min: Math.floor(Math.min(...drawn) / 10) * 10, max: Math.ceil(Math.max(...drawn) / 10) * 10 } : {};
    const axisText = { color: c.soft, fontSize: 12, fontFamily: c.font };
    const makers = [
      (i) => densitySeries(d, i, c), (i) => labSeries(view, factor, i, c), (i) => takenSeries(d, i, c), (i) => shedSeries(d, i, c),
    ];
    return {
      animation: false,
      textStyle: { fontFamily: c.font },
      title: panels.map((panel) => ({ text: panel.title, left: 8, top: panel.titleTop, padding: 0, textStyle: { color: c.ink, fontSize: 13, fontWeight: 700, fontFamily: c.font } })),
      grid: panels.map((panel) => ({ left: LEFT, right: RIGHT, top: panel.top, height: panel.height })),
      axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: c.soft } },
      tooltip: { trigger: "item", confine: true, backgroundColor: c.surface, borderColor: c.line, formatter: tip },
      dataZoom: [{ type: "inside", xAxisIndex: panels.map((_, i) => i), filterMode: "none", zoomOnMouseWheel: "ctrl" }],
      xAxis: panels.map((_, i) => ({
        type: "time", gridIndex: i, minInterval: 25 * DAY_MS,
        min: Math.min(...days) - 10 * DAY_MS, max: Math.max(...days) + 10 * DAY_MS,
        axisLabel: { ...axisText, show: i === panels.length - 1, hideOverlap: true, formatter: { year: "{yyyy}", month: "{MM}/{yyyy}", day: "{dd}.{MM}." } },
        axisTick: { show: i === panels.length - 1 }, axisLine: { lineStyle: { color: c.line } }, splitLine: { show: true, lineStyle: { color: c.line, opacity: 0.4 } },
      })),
      yAxis: panels.map((panel, i) => (panel.kind === 2
        ? { type: "category", gridIndex: i, data: d.rows, inverse: true, position: "right", axisLabel: { ...axisText, fontSize: 11, interval: 0, margin: 6, width: RIGHT - 10, overflow: "truncate" }, axisTick: { show: false }, axisLine: { show: false } }
        : { type: "value", gridIndex: i, scale: panel.kind === 0, ...(panel.kind === 0 ? whole : { min: 0 }), splitNumber: [4, 3, 0, 2][panel.kind], axisLabel: { ...axisText, formatter: (value) => value.toLocaleString(document.documentElement.lang) }, splitLine: { lineStyle: { color: c.line, opacity: 0.6 } } })),
      series: panels.flatMap((panel, i) => makers[panel.kind](i)),
    };
  }

  async function start(element) {
    const words = { ...element.dataset };
    const [answer] = await Promise.all([fetch(words.source, { headers: { Accept: "application/json" } }), document.fonts.ready]);
    if (!answer.ok) return;
    const d = await answer.json();
    if (!d.density.means.length && !d.labs.length && !d.rows.length && !d.sheds.length) {
      element.replaceChildren(Object.assign(document.createElement("p"), { className: "chart-note", textContent: words.empty }));
      element.dataset.drawn = "0";
      return;
    }
    element.style.minHeight = `${element.clientHeight + ROW_PX * Math.max(d.rows.length - ROWS, 0)}px`;
    const chart = echarts.init(element, null, { renderer: "svg" });
    const analyte = document.getElementById("timeline-analyte");
    const unit = document.getElementById("timeline-unit");
    const choose = (select, names) => select.replaceChildren(...names.map((name) => new Option(name.text, name.value)));
    let view = d.labs[0] || null;

    function draw() {
      const chosen = view && (view.units.find((each) => each.ucum === unit.value) || view.units[0]);
      d.unit = chosen ? chosen.words : "";
      chart.setOption(options(d, view, chosen ? chosen.factor : 1, element.clientHeight, words), { notMerge: true });
      element.dataset.drawn = String(d.density.means.length);
    }

    if (view) {
      document.getElementById("timeline-choices").hidden = false;
      choose(analyte, d.labs.map((each) => ({ text: each.name, value: each.analyte })));
      const units = () => choose(unit, view.units.map((each) => ({ text: each.words, value: each.ucum })));
      units();
      analyte.addEventListener("change", () => {
        view = d.labs.find((each) => each.analyte === analyte.value);
        units();
        draw();
      });
      unit.addEventListener("change", draw);
    }
    draw();
    new ResizeObserver(() => { chart.resize(); draw(); }).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  }

  const element = document.getElementById("timeline");
  if (element) start(element);
})();
