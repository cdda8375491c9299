// Draw on a picture, change the kernel: the output, and the spectra before and after.
Live.figure('conv-2d', ({ element, call, change }) => {
  const { label } = Live;
  const side = 32;
  // Long enough for the full output, so that both spectra have the same bins.
  const bins = 40;
  const [drawing, output, before, after] = element.querySelectorAll('.live-stage canvas');
  const PRESETS = [
    null, [0, 0, 0, 0, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1, 1], [0, -1, 0, -1, 5, -1, 0, -1, 0],
    [-1, 0, 1, -2, 0, 2, -1, 0, 1], [-1, -2, -1, 0, 0, 0, 1, 2, 1], [-2, -1, 0, -1, 1, 1, 0, 1, 2],
  ];
  /** A face: a ring, two eyes and a smile. */
  const face = Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [(i % side) - 15.5, Math.floor(i / side) - 15.5];
    const ring = Math.abs(Math.hypot(x, y) - 12) < 1;
    const eyes = Math.hypot(Math.abs(x) - 4.5, y + 3.5) < 1.8;
    const smile = Math.abs(Math.hypot(x, y) - 7) < 0.9 && y > 2.5;
    return ring || eyes || smile ? 15 : 1;
  });
  const state = { image: face, ...taps(PRESETS[4]), operation: 1, mode: 1, pen: 15, preset: 4, row: 16, column: 16 };
  const bounds = { image: [0, 15, side * side], operation: [0, 1], mode: [0, 2], pen: [0, 15], preset: [0, 6], row: [0, side - 1], column: [0, side - 1] };
  for (let i = 0; i < 9; i += 1) bounds[`k${i}`] = [-9, 9];
  function taps(values) {
    return Object.fromEntries(values.map((value, i) => [`k${i}`, value]));
  }
  const kernel = () => Array.from({ length: 9 }, (_, i) => state[`k${i}`]);

  /** Shows numbers as grey: zero is black, or grey in the middle where some are negative. */
  const show = (canvas, width, values, [least, most]) => {
    if (canvas.width !== width) [canvas.width, canvas.height] = [width, width];
    const context = canvas.getContext('2d');
    const pixels = context.createImageData(width, width);
    for (let i = 0; i < values.length; i += 1) {
      const grey = 255 * ((values[i] - least) / (most - least));
      pixels.data.set([grey, grey, grey, 255], 4 * i);
    }
    context.putImageData(pixels, 0, 0);
  };
  const centred = (values) => values.map((_, i) => {
    const [u, v] = [Math.floor(i / bins), i % bins].map((bin) => (bin + bins / 2) % bins);
    return Math.log1p(values[bins * u + v]);
  });

  let chosen = state.preset;
  const built = () => {
    // A preset sets the taps once; taps that were changed are the reader's own.
    if (state.preset !== chosen && PRESETS[state.preset]) Object.assign(state, taps(PRESETS[state.preset]));
    const same = PRESETS.findIndex((preset) => preset?.every((tap, i) => tap === state[`k${i}`]));
    chosen = state.preset = Math.max(same, 0);
  };

  const draw = () => {
    const { image, operation, mode } = state;
    const y = call('conv2d', [...image, ...kernel()], side, side, 3, 3, operation, mode);
    const width = Math.sqrt(y.length);
    const [least, most] = [Math.min(...y), Math.max(...y)];
    const reach = Math.max(most, -least, 1e-9);
    show(drawing, side, image, [0, 15]);
    show(output, width, y, least < 0 ? [-reach, reach] : [0, reach]);
    const spectra = [call('spectrum', image, side, side, bins), call('spectrum', y, width, width, bins)];
    const brightest = Math.log1p(Math.max(...spectra[0], ...spectra[1], 1e-9));
    show(before, bins, centred(spectra[0]), [0, brightest]);
    show(after, bins, centred(spectra[1]), [0, brightest]);
    // The output under the pixel that was pointed at last.
    const shift = (width - side) / 2;
    const [i, j] = [state.row, state.column].map((place) => Math.min(Math.max(place + shift, 0), width - 1));
    return `x[${state.row}, ${state.column}] = ${image[side * state.row + state.column]}. <b>y[${i}, ${j}]</b> = <b class="number">${label(y[width * i + j])}</b>; `
      + `outputs ${width} × ${width}, from ${label(least)} to ${label(most)}.`;
  };

  const paint = (row, column) => {
    state.row = Math.min(Math.max(row, 0), side - 1);
    state.column = Math.min(Math.max(column, 0), side - 1);
    state.image[side * state.row + state.column] = state.pen;
    change();
  };
  const under = (event) => {
    const box = drawing.getBoundingClientRect();
    return [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width].map((share) => Math.floor(side * share));
  };
  let last = null;
  drawing.addEventListener('pointerdown', (event) => {
    drawing.setPointerCapture(event.pointerId);
    last = under(event);
    paint(...last);
  });
  drawing.addEventListener('pointermove', (event) => {
    if (!last || !drawing.hasPointerCapture(event.pointerId)) return;
    // A fast hand leaves no gaps.
    const [from, to] = [last, under(event)];
    const steps = Math.max(1, ...from.map((place, i) => Math.abs(place - to[i])));
    for (let t = 1; t <= steps; t += 1) paint(...from.map((place, i) => Math.round(place + ((to[i] - place) * t) / steps)));
    last = to;
  });
  drawing.addEventListener('keydown', (event) => {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const [down, across] = steps[event.key] ?? [0, 0];
    if (event.key === ' ') paint(state.row, state.column);
    else if (event.key in steps) {
      state.row = Math.min(Math.max(state.row + down, 0), side - 1);
      state.column = Math.min(Math.max(state.column + across, 0), side - 1);
      change();
    } else return;
    event.preventDefault();
  });
  element.querySelector('.live-clear').addEventListener('click', () => {
    state.image = Array(side * side).fill(0);
    change();
  });

  /** Reads a picture of the reader's. It goes nowhere. */
  const open = async (file) => {
    const bitmap = await createImageBitmap(file);
    const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
    const context = canvas.getContext('2d');
    const scale = side / Math.min(bitmap.width, bitmap.height);
    const [width, height] = [bitmap.width * scale, bitmap.height * scale];
    context.drawImage(bitmap, (side - width) / 2, (side - height) / 2, width, height);
    const { data } = context.getImageData(0, 0, side, side);
    state.image = Array.from({ length: side * side }, (_, i) => {
      const [red, green, blue] = data.slice(4 * i, 4 * i + 3);
      return Math.round(((0.3 * red + 0.59 * green + 0.11 * blue) / 255) * 15);
    });
    change();
  };
  const refused = () => { element.querySelector('.live-says').textContent = 'This file is no picture that the browser can read.'; };
  element.querySelector('[type=file]').addEventListener('change', ({ target }) => {
    if (target.files[0]) open(target.files[0]).catch(refused);
  });
  drawing.addEventListener('dragover', (event) => event.preventDefault());
  drawing.addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) open(event.dataTransfer.files[0]).catch(refused);
  });
  return { state, bounds, draw, built };
});
