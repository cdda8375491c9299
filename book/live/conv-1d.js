// Drag samples and taps; the row of the matrix that makes the chosen output lights up.
Live.figure('conv-1d', ({ element, call, change }) => {
  const { label, tag, text, cell, hatch, place, handles } = Live;
  const svg = element.querySelector('.live-stage svg');
  const chooser = element.querySelector('[name=conv-1d-current]');
  const state = { x: [3, 1, 4, 1, 5], h: [1, 0, -1], operation: 0, mode: 0, n: 5, k: 3, current: 2 };
  const bounds = { x: [-5, 5, 8], h: [-5, 5, 5], operation: [0, 1], mode: [0, 2], n: [1, 8], k: [1, 5], current: [0, 11] };
  let size, plots, matrix, picture, answer;

  const narrowed = (narrow) => {
    size = narrow ? [360, 650] : [720, 404];
    const [width, left] = narrow ? [346, 12] : [360, 4];
    plots = {
      x: { top: 22, height: 104, left, width },
      h: { top: 152, height: 104, left, width },
      y: { top: 282, height: 104, left, width },
    };
    matrix = narrow ? { left: 24, top: 440, width: 312, height: 206 } : { left: 404, top: 22, width: 312, height: 378 };
  };

  /** The middle of a column, and the height of a value. An output of "same" lies under its sample. */
  const column = (plot, i, start) => plot.left + (i + start + 0.5) * wide();
  const reach = (plot) => plot.height / 2 - 20;
  const scale = (plot, value, most) => plot.top + plot.height / 2 - (value / most) * reach(plot);
  const middle = () => Math.floor((state.k - 1) / 2);
  const starts = () => ({ x: middle(), h: 0, y: [0, middle(), state.k - 1][state.mode] });
  const wide = () => plots.x.width / Math.max(state.n + state.k - 1, 3);

  /** Arrays as long as the sizes say: what is new is zero. */
  const built = () => {
    for (const [list, count] of [[state.x, state.n], [state.h, state.k]]) {
      while (list.length < count) list.push(0);
      list.length = count;
    }
    svg.setAttribute('viewBox', `0 0 ${size.join(' ')}`);
    const group = (name, values) => values.map((_, i) => {
      const plot = plots[name];
      return tag('g', { class: 'handle', 'aria-label': `${name === 'x' ? 'sample' : 'tap'} ${name}[${i}]` },
        tag('rect', { x: column(plot, i, starts()[name]) - wide() / 2, y: plot.top, width: wide(), height: plot.height }));
    }).join('');
    svg.innerHTML = `<g class="picture" aria-hidden="true"></g>${group('x', state.x)}${group('h', state.h)}`;
    picture = svg.querySelector('.picture');
    const all = [...svg.querySelectorAll('.handle')];
    const grip = (name, elements) => handles(elements, {
      least: -5, most: 5, step: 0.5,
      get: (i) => state[name][i],
      set: (i, value) => { state[name][i] = value; change(); },
      at: (event) => {
        const plot = plots[name];
        return ((plot.top + plot.height / 2 - place(svg, event)[1]) / reach(plot)) * 5;
      },
    });
    grip('x', all.slice(0, state.n));
    grip('h', all.slice(state.n));
  };

  const stems = (name, values, most, ink, emphasis) => {
    const plot = plots[name];
    const zero = scale(plot, 0, most);
    return tag('line', { x1: plot.left, x2: plot.left + plot.width, y1: zero, y2: zero, class: 'axis' }) + values.map((value, i) => {
      const [x, y] = [column(plot, i, starts()[name]), scale(plot, value, most)];
      return tag('g', { style: `--ink:var(--${ink})`, class: `stem${emphasis(i) ? ' lit' : ''}` },
        tag('line', { x1: x, x2: x, y1: zero, y2: y }) + tag('circle', { cx: x, cy: y, r: name === 'y' ? 5 : 7 })
        + text(x, y + (value < 0 ? 19 : -11), label(value, 1)));
    }).join('');
  };

  const draw = () => {
    const { n, k, x, h, operation, mode } = state;
    answer = call('conv1d', [...x, ...h], n, k, operation, mode);
    const p = answer.length / (n + 1);
    state.current = Math.min(state.current, p - 1);
    const [y, a] = [[...answer.slice(0, p)], [...answer.slice(p)]];
    // With every tap 1, a row of the matrix says which samples an output reads.
    const reads = call('conv1d', [...x, ...Array(k).fill(1)], n, k, operation, mode).slice(p);
    const met = (i) => x.filter((_, j) => reads[i * n + j] !== 0).length;
    const row = state.current;
    chooser.max = p - 1;
    chooser.value = row;
    chooser.nextElementSibling.textContent = row;
    const most = [5, 10, 20, 50, 125].find((most) => y.every((value) => Math.abs(value) <= most)) ?? 125;
    const title = (plot, words) => text(plot.left, plot.top - 10, words, { 'text-anchor': 'start', class: 'title' });
    const back = tag('rect', {
      x: column(plots.y, row, starts().y) - wide() / 2, y: plots.y.top, width: wide(), height: plots.y.height, class: 'chosen', rx: 4,
    });
    const hatched = y.map((_, i) => (met(i) < k
      ? hatch(column(plots.y, i, starts().y) - wide() / 2 + 2, plots.y.top + plots.y.height + 2, wide() - 4, 12) : '')).join('');
    const side = Math.min(matrix.width / n, (matrix.height - 4) / p, 44);
    const [left, top] = [matrix.left + (matrix.width - side * n) / 2, matrix.top];
    const largest = Math.max(...a.map(Math.abs), 1);
    const cells = a.map((entry, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      const shown = reads[at] !== 0;
      return cell(left + j * side, top + i * side, side, 'kernel', shown ? 0.12 + 0.5 * Math.abs(entry) / largest : 0,
        shown && side > 17 ? label(entry, 1) : '');
    }).join('');
    const lit = tag('rect', { x: left - 3, y: top + row * side, width: side * n + 6, height: side, class: 'lit-row' });
    picture.innerHTML = title(plots.x, 'signal x') + title(plots.h, 'kernel h')
      + title(plots.y, `outputs y, ${['full', 'same', 'valid'][mode]}: ${p}`)
      + back + hatched
      + stems('x', x, 5, 'signal', (j) => reads[row * n + j] !== 0)
      + stems('h', h, 5, 'kernel', () => false)
      + stems('y', y, most, 'output', (i) => i === row)
      + text(left, top - 10, `the matrix of h: ${p} × ${n}`, { 'text-anchor': 'start', class: 'title' }) + cells + lit;
    const sum = x.flatMap((sample, j) => (reads[row * n + j] !== 0 ? [`${bracket(a[row * n + j])}·${bracket(sample)}`] : []));
    return `<b>y[${row}]</b> = ${sum.join(' + ')} = <b class="number">${label(y[row])}</b>`;
  };
  const bracket = (value) => (value < 0 ? `(${label(value)})` : label(value));

  // An output is chosen by pointing at it, or at its row.
  svg.addEventListener('pointermove', (event) => choose(event));
  svg.addEventListener('pointerdown', (event) => choose(event));
  const choose = (event) => {
    if (event.target.closest('.handle') || !answer) return;
    const [at, down] = place(svg, event);
    const p = answer.length / (state.n + 1);
    const side = Math.min(matrix.width / state.n, (matrix.height - 4) / p, 44);
    const left = matrix.left + (matrix.width - side * state.n) / 2;
    const inside = ({ left, top, width, height }) => at >= left && at < left + width && down >= top && down < top + height;
    let row = -1;
    if (inside(plots.y)) row = Math.floor((at - plots.y.left) / wide()) - starts().y;
    else if (inside({ left, top: matrix.top, width: side * state.n, height: side * p })) row = Math.floor((down - matrix.top) / side);
    if (row < 0 || row >= p || row === state.current) return;
    state.current = row;
    change();
  };
  return { state, bounds, draw, built, narrowed };
});
