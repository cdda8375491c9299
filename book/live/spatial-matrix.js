// Point at an output: its patch, its row of B(h), its row of im2col. Point at a pixel: its column, its copies.
Live.figure('spatial-matrix', ({ element, call, change }) => {
  const { label, tag, text, cell, place } = Live;
  const svg = element.querySelector('.live-stage svg');
  const select = element.querySelector('select');
  const state = { chosen: 0 };
  const bounds = { chosen: [0, 19] };
  const [image, kernel] = [Array.from({ length: 16 }, (_, i) => i + 1), [2, -1, 3, 1, 4, -2, -3, 1, 2]];
  // Asked once more with counted taps: which tap stands where.
  const made = call('spatial', [...image, ...kernel], 4, 4, 3, 3);
  const [y, taps, windows] = [made.slice(0, 4), made.slice(4, 68), made.slice(68)];
  const which = call('spatial', [...image, ...kernel.map((_, i) => i + 1)], 4, 4, 3, 3).slice(4, 68);
  const hue = (tap) => ['kernel', 'kernel-second', 'kernel-third'][Math.max(0, Math.floor(tap / 3))];
  let [grids, cells, overlay, strengths] = [null, [], null, []];

  const narrowed = (narrow) => {
    const [a, b] = narrow ? [30, 21.8] : [42, 25.6];
    const [x, h, y, t, w] = narrow
      ? [[4, 34], [152, 49], [276, 64], [4, 200], [4, 334]]
      : [[90, 34], [338, 55], [546, 76], [8, 272], [478, 272]];
    const grid = ([left, top], side, columns, rows) => ({ left, top, side, columns, rows });
    grids = { x: grid(x, a, 4, 4), h: grid(h, a, 3, 3), y: grid(y, a, 2, 2), t: grid(t, b, 16, 4), w: grid(w, b, 9, 4) };
    svg.setAttribute('viewBox', narrow ? '0 0 360 450' : '0 0 720 410');
  };
  const at = (grid, i) => [grid.left + (i % grid.columns) * grid.side, grid.top + Math.floor(i / grid.columns) * grid.side];
  const around = (grid, first, columns, rows) => {
    const [x, y] = at(grid, first);
    return tag('rect', { x, y, width: columns * grid.side, height: rows * grid.side, class: 'lit-row' });
  };
  const name = (letter, i, columns) => `${letter}[${Math.floor(i / columns)}, ${i % columns}]`;

  // Laid out once: a move changes how full cells are, and what is outlined.
  const built = () => {
    const { x, h, y: outputs, t, w } = grids;
    const grid = (place, values, ink, shown = () => true) => [...values].map((value, i) => {
      const [left, top] = at(place, i);
      return cell(left, top, place.side, ink(i), 0, shown(i) ? label(value) : '');
    }).join('');
    const title = (place, words) => text(place.left + (place.columns * place.side) / 2, place.top - 9, words, { class: 'title' });
    const sign = (from, to, what) => text((from.left + from.columns * from.side + to.left) / 2, outputs.top + outputs.side, what, { dy: '0.35em', class: 'sign' });
    svg.innerHTML = title(x, 'x') + title(h, 'h') + title(outputs, 'y') + title(t, 'B(h), 4 × 16: taps') + title(w, 'im2col, 4 × 9: pixels')
      + grid(x, image, () => 'signal') + grid(h, kernel, hue) + grid(outputs, y, () => 'output')
      + grid(t, taps, (e) => hue(which[e] - 1), (e) => which[e] !== 0) + grid(w, windows, () => 'signal')
      + sign(x, h, '⋆') + sign(h, outputs, '=') + tag('g', {});
    [cells, overlay, strengths] = [svg.querySelectorAll('.cell'), svg.lastElementChild, []];
  };

  const draw = () => {
    const { x, y: outputs, t, w } = grids;
    state.chosen = Math.round(state.chosen);
    select.value = state.chosen;
    const [output, pixel] = state.chosen < 4 ? [state.chosen, -1] : [-1, state.chosen - 4];
    const read = (i, j) => which[16 * i + j] !== 0;
    const mine = (i, j) => (output >= 0 ? i === output : j === pixel);
    const full = (yes) => (yes ? 0.45 : 0.1);
    const now = [
      ...image.map((_, j) => full(output >= 0 ? read(output, j) : j === pixel)),
      ...kernel.map(() => 0.4),
      ...[...y].map((_, i) => full(output >= 0 ? i === output : read(i, pixel))),
      ...[...taps].map((_, e) => (which[e] ? (mine(Math.floor(e / 16), e % 16) ? 0.5 : 0.18) : 0)),
      ...[...windows].map((value, e) => full(output >= 0 ? Math.floor(e / 9) === output : value === pixel + 1)),
    ];
    now.forEach((strength, i) => {
      if (strength !== strengths[i]) cells[i].setAttribute('fill-opacity', strength);
    });
    strengths = now;
    overlay.innerHTML = output >= 0
      ? around(outputs, output, 1, 1) + around(x, Math.floor(output / 2) * 4 + (output % 2), 3, 3) + around(t, 16 * output, 16, 1) + around(w, 9 * output, 9, 1)
      : around(x, pixel, 1, 1) + around(t, pixel, 1, 4)
        + [0, 1, 2, 3].filter((i) => read(i, pixel)).map((i) => around(outputs, i, 1, 1)).join('')
        + [...windows].map((value, i) => (value === pixel + 1 ? around(w, i, 1, 1) : '')).join('');
    const bracket = (value) => (value < 0 ? `(${label(value)})` : label(value));
    if (output >= 0) {
      const sum = kernel.map((tap, i) => `${bracket(tap)}·${windows[9 * output + i]}`).join(' + ');
      return `<b>${name('y', output, 2)}</b> = row ${output} of B(h) times vec(x) = row ${output} of im2col times vec(h) = ${sum} = `
        + `<b class="number">${label(y[output])}</b>`;
    }
    const rows = [0, 1, 2, 3].filter((i) => read(i, pixel));
    return `<b>${name('x', pixel, 4)}</b> = ${image[pixel]} is read by <b class="number">${rows.length}</b> output${rows.length === 1 ? '' : 's'}: column ${pixel} of B(h) holds the tap${rows.length === 1 ? '' : 's'} `
      + `${rows.map((i) => label(taps[16 * i + pixel])).join(', ')}, and im2col holds the pixel ${rows.length === 1 ? 'once' : `${rows.length} times`}.`;
  };

  const point = (event) => {
    const [across, down] = place(svg, event);
    const inside = ({ left, top, side, columns, rows }) => {
      const [i, j] = [Math.floor((down - top) / side), Math.floor((across - left) / side)];
      return i >= 0 && j >= 0 && i < rows && j < columns ? [i, j] : null;
    };
    let found;
    let next = -1;
    if ((found = inside(grids.y))) next = 2 * found[0] + found[1];
    else if ((found = inside(grids.x))) next = 4 + 4 * found[0] + found[1];
    else if ((found = inside(grids.t))) next = found[0];
    else if ((found = inside(grids.w))) next = found[0];
    if (next < 0 || next === state.chosen) return;
    state.chosen = next;
    change();
  };
  svg.addEventListener('pointermove', point);
  svg.addEventListener('pointerdown', point);
  return { state, bounds, draw, built, narrowed };
});
