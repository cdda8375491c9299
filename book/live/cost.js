// Choose a layer: what every method costs, which is cheapest, and what the article's rule would have chosen.
Live.figure('cost', ({ element, call }) => {
  const { grouped, tag, text } = Live;
  const svg = element.querySelector('.live-stage svg');
  // Indices into the lists that the controls show; the taps are themselves.
  const state = { side: 3, taps: 3, channels: 6, filters: 6, images: 4, tile: 3 };
  const bounds = { side: [0, 12], taps: [1, 15], channels: [0, 10], filters: [0, 10], images: [0, 8], tile: [0, 8] };
  const value = (name) => {
    const list = element.querySelector(`[name=cost-${name}] + output`).dataset.of;
    return list ? Number(list.split(',')[Math.round(state[name])]) : Math.round(state[name]);
  };
  let size;
  const narrowed = (narrow) => { size = narrow ? [360, 400] : [720, 300]; };
  const built = () => svg.setAttribute('viewBox', `0 0 ${size.join(' ')}`);

  const draw = () => {
    const [side, taps, channels, filters, images, tile] = ['side', 'taps', 'channels', 'filters', 'images', 'tile'].map(value);
    const ask = (tile) => call('cost', [], side, taps, channels, filters, images, tile);
    let made;
    let refused = '';
    try {
      made = ask(tile);
    } catch (error) {
      // A tile that does not hold the kernel cannot be compared: the rest is said without it.
      made = ask(2 ** Math.ceil(Math.log2(Math.max(taps, 2))));
      made[3] = NaN;
      refused = ` Tiles are left out: ${error.message}.`;
    }
    const [sliding, passes, whole, tiles, winograd, all, allWhole, theirs, theirsWhole] = made;
    const methods = [
      ['sliding, or a matrix product', sliding, 'kernel'],
      ['FFT of the whole picture', whole, 'signal'],
      [`FFT in tiles of ${tile}`, tiles, 'signal'],
      ['Winograd F(4 × 4, 3 × 3)', winograd, 'output'],
      ['two passes, if h is an outer product', passes, 'kernel'],
    ];
    // Passes are for kernels of one kind: they are shown, and do not compete.
    const best = methods.slice(0, 4).reduce((best, method) => (method[1] < best[1] ? method : best));
    const most = Math.max(...methods.map((method) => method[1] || 0));
    const narrow = size[0] < 500;
    const [left, step, width] = narrow ? [0, 76, 350] : [232, 54, 470];
    svg.innerHTML = text(0, 14, 'real products', { 'text-anchor': 'start', class: 'title' }) + methods.map(([name, count, ink], i) => {
      const top = 26 + i * step;
      const wins = name === best[0];
      const bar = narrow ? top + 24 : top + 4;
      const known = Number.isFinite(count);
      const says = known ? `${grouped(count)} · ${(100 * count / sliding).toFixed(0)} % of sliding` : '–';
      const long = known ? Math.max(2, (count / most) * width) : 0;
      return text(narrow ? 0 : left - 12, narrow ? top + 16 : bar + 16, (wins ? '▸ ' : '') + name, { 'text-anchor': narrow ? 'start' : 'end', class: wins ? 'wins' : '' })
        + tag('rect', { x: left, y: bar, width: long, height: 20, class: 'bar', style: `--ink:var(--${ink})`, rx: 2 })
        + text(left, bar + 35, says, { 'text-anchor': 'start', class: wins ? 'wins' : 'quiet' });
    }).join('');
    const rule = theirs <= theirsWhole ? methods[0][0] : methods[1][0];
    const cheaper = all <= allWhole ? 'sliding' : 'the FFT of the whole picture';
    const times = methods.find(([name]) => name === rule)[1] / best[1];
    const verdict = rule === best[0] ? 'and it is right here'
      : `which takes <b class="number">${times.toPrecision(3)}</b> times the products of the winner`;
    return `Fewest products: <b>${best[0]}</b>, <b class="number" data-number="best">${grouped(best[1])}</b>. The article's rule, `
      + `which looks at <i>N</i> = ${side} and <i>K</i> = ${taps} alone, says <b>${rule}</b>, ${verdict}. `
      + `With additions counted, ${cheaper} is cheaper of the two.${refused}`;
  };
  return { state, bounds, draw, built, narrowed };
});
