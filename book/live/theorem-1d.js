// Choose the length of the transforms: outputs fall off the end of a circle that is too short, and come round.
Live.figure('theorem-1d', ({ element, call, change }) => {
  const { label, tag, text, cell, place, handles } = Live;
  const svg = element.querySelector('.live-stage svg');
  const state = { x: [1, 2, 3, 4, 5, 6, 7, 8], h: [1, 1, 1, 1], m: 8 };
  const bounds = { x: [-9, 9, 8], h: [-9, 9, 4], m: [8, 14] };
  const n = 8, k = 4, full = n + k - 1;
  let size, plots, rows, picture;

  const narrowed = (narrow) => {
    size = narrow ? [360, 450] : [720, 430];
    const step = narrow ? 24.4 : 50;
    plots = narrow
      ? { x: { left: 8, top: 26, step: 28, height: 96 }, h: { left: 240, top: 26, step: 28, height: 96 } }
      : { x: { left: 8, top: 28, step: 50, height: 110 }, h: { left: 468, top: 28, step: 50, height: 110 } };
    rows = { left: narrow ? 8 : 8, step, line: narrow ? 170 : 190, circle: narrow ? 246 : 264, bins: narrow ? 330 : 356, side: step };
  };
  const middle = (plot) => plot.top + plot.height / 2;
  const reach = (plot) => plot.height / 2 - 16;

  const built = () => {
    state.x.length = n;
    state.h.length = k;
    for (const list of [state.x, state.h]) for (let i = 0; i < list.length; i++) list[i] ??= 0;
    svg.setAttribute('viewBox', `0 0 ${size.join(' ')}`);
    const group = (name, words) => state[name].map((_, i) => tag('g', { class: 'handle', 'aria-label': `${words} ${name}[${i}]` },
      tag('rect', { x: plots[name].left + i * plots[name].step, y: plots[name].top, width: plots[name].step, height: plots[name].height }))).join('');
    svg.innerHTML = `<g class="picture" aria-hidden="true"></g>${group('x', 'sample')}${group('h', 'tap')}`;
    picture = svg.querySelector('.picture');
    const all = [...svg.querySelectorAll('.handle')];
    const grip = (name, elements) => handles(elements, {
      least: -9, most: 9, step: 1,
      get: (i) => state[name][i],
      set: (i, value) => { state[name][i] = value; change(); },
      at: (event) => ((middle(plots[name]) - place(svg, event)[1]) / reach(plots[name])) * 9,
    });
    grip('x', all.slice(0, n));
    grip('h', all.slice(n));
  };

  const stems = (name, ink, words) => {
    const plot = plots[name];
    const zero = middle(plot);
    return text(plot.left, plot.top - 12, words, { 'text-anchor': 'start', class: 'title' })
      + tag('line', { x1: plot.left, x2: plot.left + plot.step * state[name].length, y1: zero, y2: zero, class: 'axis' })
      + state[name].map((value, i) => {
        const [x, y] = [plot.left + (i + 0.5) * plot.step, zero - (value / 9) * reach(plot)];
        return tag('g', { style: `--ink:var(--${ink})`, class: 'stem' },
          tag('line', { x1: x, x2: x, y1: zero, y2: y }) + tag('circle', { cx: x, cy: y, r: 7 })
          + text(x, y + (value < 0 ? 20 : -11), label(value)));
      }).join('');
  };

  const draw = () => {
    const { x, h, m } = state;
    const made = call('theorem1d', [...x, ...h], n, k, m);
    const [circle, line, bins] = [made.slice(0, m), made.slice(m, m + full), made.slice(m + full)];
    const wrong = [...circle].map((value, i) => Math.abs(value - (line[i] ?? 0)) > 1e-9 * (1 + Math.max(...line.map(Math.abs))));
    const lost = Math.max(full - m, 0);
    const { left, step, side } = rows;
    const most = Math.max(...line.map(Math.abs), ...circle.map(Math.abs), 1);
    const row = (values, top, ink, marked, faint) => [...values].map((value, i) => {
      const at = left + i * step;
      return cell(at, top, side, marked(i) ? 'wrong' : ink, faint(i) ? 0.04 : 0.1 + 0.35 * Math.abs(value) / most, label(value, 1), marked(i));
    }).join('');
    const title = (top, words) => text(left, top, words, { 'text-anchor': 'start', class: 'title' });
    // Where the outputs go that have no place on the circle.
    const round = Array.from({ length: lost }, (_, i) => {
      const [from, to] = [left + (m + i + 0.5) * step, left + (i + 0.5) * step];
      const [y1, y2] = [rows.line + side, rows.circle];
      return tag('path', { class: 'round', d: `M${from} ${y1}C${from} ${(y1 + y2) / 2 + 14} ${to} ${(y1 + y2) / 2 - 14} ${to} ${y2}` });
    }).join('');
    const chart = (values, ink, slot) => {
      const width = (size[0] - 2 * left - 24) / 3;
      const from = left + slot * (width + 12);
      const height = size[1] - rows.bins - 22;
      const top = Math.max(...values, 1e-9);
      return tag('line', { x1: from, x2: from + width, y1: size[1] - 2, y2: size[1] - 2, class: 'axis' })
        + [...values].map((value, i) => tag('line', {
          x1: from + (i + 0.5) * (width / m), x2: from + (i + 0.5) * (width / m),
          y1: size[1] - 2, y2: size[1] - 2 - (value / top) * (height - 8), class: 'bin', style: `--ink:var(--${ink})`,
        })).join('')
        + text(from, rows.bins + 8, ['spectrum of x', 'times that of h', 'is the product'][slot], { 'text-anchor': 'start', class: 'title' });
    };
    picture.innerHTML = stems('x', 'signal', 'signal x, 8 samples') + stems('h', 'kernel', 'kernel h, 4 taps')
      + title(rows.line - 9, `the loops: ${full} outputs`) + row(line, rows.line, 'output', () => false, (i) => i >= m)
      + round + title(rows.circle + side + 18, `${m} points, through the transform`)
      + row(circle, rows.circle, 'output', (i) => wrong[i], () => false)
      + chart(bins.slice(0, m), 'signal', 0) + chart(bins.slice(m, 2 * m), 'kernel', 1) + chart(bins.slice(2 * m), 'output', 2);
    const count = wrong.filter(Boolean).length;
    const places = wrong.flatMap((is, i) => (is ? [`y[${i}]`] : []));
    const listed = count > 2 ? `${places[0]} to ${places.at(-1)}` : places.join(' and ');
    if (lost === 0) return `<b class="number">0</b> wrong outputs of ${m}: nothing comes round on a circle of ${m} ≥ ${full} samples.`;
    return `<b class="number">${count}</b> wrong output${count === 1 ? '' : 's'} of ${m}${count ? `: ${listed}` : ''}. `
      + `The circle is ${lost} short of ${full}; what falls off the end comes round, so ${label(line[0])} + ${label(line[m])} = <b class="number">${label(circle[0])}</b>.`;
  };
  return { state, bounds, draw, built, narrowed };
});
