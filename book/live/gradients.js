// Add the sixteen frequencies of a derivative one by one; train nine taps, a free spectrum, or a projected one.
Live.figure('gradients', ({ element, call }) => {
  const { label, tag, text, cell, place } = Live;
  const svg = element.querySelector('.live-stage svg');
  const state = { weight: 0, bins: 16, way: 0, steps: 1 };
  const bounds = { weight: [0, 8], bins: [1, 16], way: [0, 2], steps: [0, 40] };
  const [picture, teacher, rate] = [
    [1, 0, -1, 2, 0, 2, 1, -1, -1, 1, 2, 0, 1, -1, 0, 2], [2, -1, 3, 1, 4, -2, -3, 1, 2], 0.03,
  ];
  const wanted = [...call('conv2d', [...picture, ...teacher], 4, 4, 3, 3, 1, 2)];
  const sums = new Map();
  let size, grids;

  const narrowed = (narrow) => {
    size = narrow ? [360, 620] : [720, 500];
    grids = narrow
      ? { left: 8, top: 34, side: 16.5, step: 88, down: 88, kernel: { left: 84, top: 420, side: 48 } }
      : { left: 8, top: 38, side: 21, step: 100, down: 118, kernel: { left: 440, top: 110, side: 66 } };
    svg.setAttribute('viewBox', `0 0 ${size.join(' ')}`);
  };

  /** The magnitudes of the coefficients of all pixels, after `bins` frequencies. */
  const partial = (weight, bins) => {
    const key = 17 * weight + bins;
    if (!sums.has(key)) {
      const made = call('gradients', [], 4, 4, Math.floor(weight / 3), weight % 3, bins);
      sums.set(key, Array.from({ length: 16 }, (_, i) => Math.hypot(made[i], made[16 + i])));
    }
    return sums.get(key);
  };

  /** The sixteen sums: drawn once a weight, as training does not change them. */
  const sheets = new Map();
  const sheet = (weight) => {
    const { left, top, side, step, down } = grids;
    const key = `${weight} ${side}`;
    if (!sheets.has(key)) {
      sheets.set(key, Array.from({ length: 16 }, (_, i) => {
        const [x, y] = [left + (i % 4) * step, top + Math.floor(i / 4) * down + 12];
        const values = partial(weight, i + 1);
        return values.map((value, j) => cell(x + (j % 4) * side, y + Math.floor(j / 4) * side, side, 'gradient', value > 1e-12 ? 0.12 + 0.7 * value : 0)).join('')
          + text(x + 2 * side, y - 4, `${i + 1}: ${count(values)}`);
      }).join(''));
    }
    return sheets.get(key);
  };
  const count = (values) => values.filter((value) => value > 1e-12).length;

  let shown;
  const draw = () => {
    for (const key of Object.keys(state)) state[key] = Math.round(state[key]);
    const { weight, bins, way, steps } = state;
    const { left, top, side, step, down, kernel } = grids;
    const name = `h[${Math.floor(weight / 3)}, ${weight % 3}]`;
    if (svg.children.length !== 2) svg.innerHTML = '<g></g><g></g>';
    const [sums, rest] = svg.children;
    if (shown !== sheet(weight)) sums.innerHTML = shown = sheet(weight);
    const [x, y] = [left + ((bins - 1) % 4) * step, top + Math.floor((bins - 1) / 4) * down + 12];
    let drawn = text(left, top - 20, `pixels in ∂y[0, 0]/∂${name}`, { 'text-anchor': 'start', class: 'title' })
      + tag('rect', { x: x - 3, y: y - 17, width: 4 * side + 6, height: 4 * side + 20, class: 'lit-row gradient', rx: 3 });
    let w = Array(16).fill(0);
    let losses = [];
    for (let i = 0; i <= steps; i += 1) {
      const made = call('train', [...picture, ...wanted, ...w, rate], 4, 4, 3, 3, way);
      losses.push(made[0]);
      if (i < steps) w = [...made.slice(1, 17)];
    }
    const outside = (i) => i % 4 > 2 || i > 11;
    const most = Math.max(...w.map(Math.abs), 1);
    const leaked = w.filter((value, i) => outside(i) && Math.abs(value) > 1e-12).length;
    drawn += text(kernel.left, kernel.top - 12, `the kernel after ${steps} step${steps === 1 ? '' : 's'}`, { 'text-anchor': 'start', class: 'title' });
    drawn += w.map((value, i) => {
      const [x, y] = [kernel.left + (i % 4) * kernel.side, kernel.top + Math.floor(i / 4) * kernel.side];
      const there = Math.abs(value) > 1e-12;
      const leak = there && outside(i);
      return cell(x, y, kernel.side, leak ? 'wrong' : 'kernel', there ? 0.1 + 0.5 * Math.abs(value) / most : 0, there ? label(value) : '', leak);
    }).join('') + tag('rect', { x: kernel.left, y: kernel.top, width: 3 * kernel.side, height: 3 * kernel.side, class: 'lit-row kernel' });
    rest.innerHTML = drawn;
    const pixels = count(partial(weight, bins));
    const ways = ['Nine taps', 'A free spectrum', 'A projected spectrum'];
    return `After ${bins} of 16 frequencies the derivative by ${name} consists of <b class="number">${pixels}</b> pixel${pixels === 1 ? '' : 's'}`
      + `${bins === 16 ? `, x[${Math.floor(weight / 3)}, ${weight % 3}]` : ''}. ${ways[way]} after ${steps} step${steps === 1 ? '' : 's'}: loss <b class="number">${label(losses.at(-1), 3)}</b>, `
      + `<b class="number">${leaked}</b> weights outside the 3 × 3 support.`;
  };
  svg.addEventListener('pointerdown', (event) => {
    const [x, y] = place(svg, event);
    const [i, j] = [Math.floor((y - grids.top + 8) / grids.down), Math.floor((x - grids.left) / grids.step)];
    if (i < 0 || j < 0 || i > 3 || j > 3) return;
    state.bins = 4 * i + j + 1;
    element.dispatchEvent(new Event('live:rebuild'));
  });
  return { state, bounds, draw, narrowed };
});
