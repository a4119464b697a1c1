// Lays a figure out for the width that it has: on a narrow screen the legend and the colour bar stand below, panels above
// each other, titles break into lines, names at the ends of curves become a legend, and the plot keeps its height.
window.benchwrightLayout = (() => {
  const NARROW = 560, LETTER = 6.4, PANEL = 170, PANEL_HEIGHT = 220, AROUND = 120, MOST_NUMBERED = 8;

  const broken = (text, letters) => text.split('<br>').map((line) => brokenLine(line, letters)).join('<br>');

  function brokenLine(text, letters) {
    const lines = [''];
    for (const word of text.split(' ')) {
      const last = lines[lines.length - 1];
      if (last && last.length + word.length >= letters) lines.push(word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    }
    return lines.join('<br>');
  }

  const axes = (layout, letter) => Object.keys(layout).filter((name) => name.startsWith(`${letter}axis`)).sort();

  function breakTitle(axis, letters) {
    if (axis?.title?.text) axis.title = { ...axis.title, text: broken(axis.title.text, letters), font: { size: 12 }, standoff: 12 };
  }

  // Whole ticks keep their round steps, as many as there is room for.
  function thinTicks(axis, data, room) {
    if (!(axis.dtick > 0)) return;
    const values = data.flatMap((trace) => (Array.isArray(trace.x) ? trace.x : [])).filter(Number.isFinite);
    const span = values.length ? Math.max(...values) - Math.min(...values) : 0;
    for (let turn = 0; span / axis.dtick > room && turn < 30; turn += 1) axis.dtick *= turn % 3 === 1 ? 2.5 : 2;
  }

  // Panels that are too narrow beside each other stand above each other; their titles go along.
  function stack(layout, across) {
    const count = across.length, gap = count > 1 ? 0.16 / count : 0;
    across.forEach((name, at) => {
      const down = `y${name.slice(1)}`, top = 1 - at / count, domain = [top - 1 / count + gap, top - gap];
      layout[name] = { ...layout[name], domain: [0, 1], showticklabels: true };
      layout[down] = { ...layout[down], domain, showticklabels: true };
      const title = (layout.annotations ?? [])[at];
      if (title?.yref === 'paper') Object.assign(title, { x: 0, xanchor: 'left', y: domain[1], yanchor: 'bottom' });
    });
    layout[across[0]].title = undefined;
    layout.margin.t = 24;
    layout.height = AROUND + count * Math.max(PANEL_HEIGHT, (layout.height ?? 0) - AROUND);
  }

  function breakPanelTitles(layout, letters) {
    for (const each of layout.annotations) {
      if (each.yref !== 'paper' || each.name) continue;
      Object.assign(each, { text: broken(each.text ?? '', letters), font: { ...each.font, size: 12 } });
      layout.margin.t = Math.max(layout.margin.t, 12 + 16 * each.text.split('<br>').length);
    }
  }

  const below = { orientation: 'h', x: 0, xanchor: 'left', yref: 'container', y: 0.01, yanchor: 'bottom' };

  function narrowTrace(trace) {
    if (trace.type !== 'heatmap') return trace;
    const bar = { ...trace.colorbar, orientation: 'h', x: 0.5, xanchor: 'center', y: 1.02, yanchor: 'bottom', thickness: 10, len: 1 };
    bar.title = { ...bar.title, side: 'top', font: { size: 12 } };
    const columns = trace.x?.length ?? 0;
    return { ...trace, colorbar: bar, texttemplate: columns > MOST_NUMBERED ? undefined : trace.texttemplate, textfont: { size: 10 } };
  }

  function narrow(figure, layout, width) {
    const across = axes(layout, 'x'), named = (layout.annotations ?? []).some((each) => each.name === 'end');
    const title = layout[across[0]]?.title;
    layout.dragmode = false;
    layout.font = { ...layout.font, size: 12 };
    layout.margin = { l: 48, b: 44, ...layout.margin, r: 10 };
    layout.annotations = (layout.annotations ?? []).filter((each) => !['end', 'note'].includes(each.name));
    if (named) layout.showlegend = true;
    if (layout.legend?.yref !== 'container') layout.legend = { ...layout.legend, ...below, font: { size: 11 } };
    if (layout.polar) layout.margin = { ...layout.margin, l: 56, r: 56, t: 30 };
    const stacked = across.length > 1 && width / across.length < PANEL, panels = stacked ? 1 : Math.max(1, across.length);
    if (stacked) {
      stack(layout, across);
      layout[across[across.length - 1]].title = title;
    }
    breakPanelTitles(layout, (width - 60) / panels / LETTER);
    for (const name of across) {
      // rows that are counted in pixels have their titles broken already
      if (layout.yaxis?.visible !== false) breakTitle(layout[name], (width - 60) / panels / LETTER);
      thinTicks(layout[name], figure.data, (width - 70) / panels / 44);
    }
    for (const name of axes(layout, 'y')) {
      if (layout[name].ticktext) layout[name] = { ...layout[name], tickfont: { size: 11 } };
      if (layout[name].ticktext && figure.data[0]?.type === 'bar') layout[name].title = undefined;
      breakTitle(layout[name], PANEL_HEIGHT / LETTER);
    }
    return { data: figure.data.map(narrowTrace), layout };
  }

  // (figure, width, ground) -> {data, layout}: a copy, of which nothing is shared that is changed.
  function fit(figure, width, ground) {
    const layout = structuredClone(figure.layout ?? {});
    layout.margin = { t: layout.polar ? 56 : 14, ...layout.margin };
    for (const each of layout.annotations ?? []) {
      if (each.name === 'mark') Object.assign(each, { bgcolor: ground, opacity: 0.85 });
    }
    return width < NARROW ? narrow(figure, layout, width) : { data: figure.data, layout };
  }

  // Pixels by which the figure must grow so that its plot is high enough; rows that are counted in pixels are.
  function lacking(node) {
    const layout = node._fullLayout;
    if (!layout?._size || layout.yaxis?.visible === false || layout.polar?._subplot) return 0;
    return Math.max(0, PANEL_HEIGHT - Math.floor(layout._size.h));
  }

  return { fit, lacking, isNarrow: (width) => width < NARROW };
})();
