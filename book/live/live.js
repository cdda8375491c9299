// The live figures' one helper. A figure that comes into view loads the crate and its script. Both are scripts beside this
// one, so that a page from a file system works, too.
globalThis.Live ??= (() => {
  const here = document.currentScript.src;
  const setups = new Map();
  const narrow = matchMedia('(max-width: 620px)');
  let modules = null;

  /** Runs a script beside this one. */
  const load = (name) => new Promise((done, failed) => {
    const script = document.createElement('script');
    script.src = here.replace('live.js', `${name}.js`);
    script.onload = done;
    script.onerror = () => failed(new Error(`${name}.js could not be loaded`));
    document.head.append(script);
  });

  /** What the crate exports. `module.js` calls `Live.module` with it, as text. */
  let instance = null;
  const module = (sources, text) => {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    instance = new Response(stream).arrayBuffer()
      .then((wasm) => WebAssembly.instantiate(wasm, {}))
      .then(({ instance }) => instance.exports);
  };
  const crate = () => (modules ??= load('module').then(() => instance));

  /** Calls a function of the crate: numbers in, numbers out. What the crate refuses is thrown, in its own words. */
  const caller = (exports) => (name, numbers, ...sizes) => {
    const { memory, given, made, message } = exports;
    const room = given(numbers.length);
    if (room === 0) throw new Error(`${numbers.length} numbers are more than a figure may ask about`);
    new Float64Array(memory.buffer, room, numbers.length).set(numbers);
    const count = exports[name](...sizes);
    if (count < 0) throw new Error(new TextDecoder().decode(new Uint8Array(memory.buffer, message(), -count)));
    return new Float64Array(memory.buffer, made(), count).slice();
  };

  // ---- the state of a figure, in the address: #conv-1d?x=3,1,4&mode=2

  const shared = (name) => {
    const [figure, state] = decodeURIComponent(location.hash.slice(1)).split('?');
    return figure === name && state ? Object.fromEntries(new URLSearchParams(state)) : null;
  };
  let waiting;
  const share = (name, state) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const parts = Object.entries(state).map(([key, value]) => `${key}=${written(value)}`);
      history.replaceState(history.state, '', `#${name}?${parts.join('&')}`);
    }, 200);
  };
  // The pixels of a picture are whole numbers below 16: a digit each.
  const written = (value) => (value.length > 64
    ? value.map((pixel) => pixel.toString(16)).join('')
    : [value].flat().map(short).join(','));
  const short = (value) => (typeof value === 'number' ? String(Number(value.toPrecision(4))) : value);
  /** What was shared, where it is of the kind and within the bounds that a figure allows. */
  const read = (state, texts, bounds) => {
    for (const [key, text] of Object.entries(texts ?? {})) {
      if (!Object.hasOwn(state, key)) continue;
      const [least, most, longest = 1] = bounds[key];
      const numbers = longest > 64 ? Array.from(text, (digit) => parseInt(digit, 16)) : text.split(',').map(Number);
      if (longest > 64 && numbers.length !== longest || numbers.length > longest || !numbers.every(Number.isFinite)) continue;
      const clamped = numbers.map((number) => Math.min(most, Math.max(least, number)));
      state[key] = Array.isArray(state[key]) ? clamped : clamped[0];
    }
  };

  // ---- pictures

  /** A number as a label: few digits, a true minus, no negative zero. */
  const label = (value, digits = 2) => {
    const text = String(Number(value.toFixed(digits)));
    return (text === '-0' ? '0' : text).replace('-', '−');
  };
  /** A whole number in groups of three. */
  const grouped = (value) => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  /** An element of a picture, as text. */
  const tag = (name, attributes, inside = '') => {
    const list = Object.entries(attributes).map(([key, value]) =>
      ` ${key}="${typeof value === 'number' ? Number(value.toFixed(2)) : value}"`);
    return `<${name}${list.join('')}>${inside}</${name}>`;
  };
  const text = (x, y, inside, more = {}) => tag('text', { x, y, 'text-anchor': 'middle', ...more }, inside);
  const cell = (x, y, side, ink, strength, inside = '', hatched = false) =>
    tag('rect', { x, y, width: side, height: side, class: 'cell', fill: `var(--${ink})`, 'fill-opacity': strength })
    + (hatched ? hatch(x, y, side, side) : '')
    + (inside === '' ? '' : text(x + side / 2, y + side / 2, inside, { dy: '0.35em', class: 'entry' }));
  /** Three strokes over a cell: what is wrong, or invented, is never said by colour alone. */
  const hatch = (x, y, width, height) => tag('path', {
    class: 'hatch',
    d: [1 / 3, 2 / 3, 1].map((t) => `M${x} ${y + t * height}L${x + t * width} ${y}`).join(''),
  });

  /** Where a pointer is, in the picture's own units. */
  const place = (svg, event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [at.x, at.y];
  };

  /** Makes sliders of elements, moved by arrows or a pointer. The arrows left and right lead to the others. */
  const handles = (elements, { least, most, step, get, set, at }) => {
    elements.forEach((element, i) => {
      const say = () => {
        element.setAttribute('aria-valuenow', short(get(i)));
        element.setAttribute('aria-valuetext', label(get(i)));
      };
      const to = (value) => {
        set(i, Math.min(most, Math.max(least, Math.round(value / step) * step)));
        say();
      };
      const focus = (j) => {
        if (!elements[j]) return;
        elements.forEach((other, k) => other.setAttribute('tabindex', k === j ? 0 : -1));
        elements[j].focus({ preventScroll: true });
      };
      const values = { role: 'slider', tabindex: i === 0 ? 0 : -1, 'aria-orientation': 'vertical', 'aria-valuemin': least, 'aria-valuemax': most };
      for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
      say();
      element.addEventListener('keydown', (event) => {
        const moves = { ArrowUp: step, ArrowDown: -step, PageUp: 4 * step, PageDown: -4 * step };
        const ends = { Home: least, End: most };
        if (event.key in moves) to(get(i) + moves[event.key]);
        else if (event.key in ends) to(ends[event.key]);
        else if (event.key === 'ArrowLeft') focus(i - 1);
        else if (event.key === 'ArrowRight') focus(i + 1);
        else return;
        event.preventDefault();
      });
      element.addEventListener('pointerdown', (event) => {
        element.setPointerCapture(event.pointerId);
        focus(i);
        to(at(event));
        event.preventDefault();
      });
      // Not every browser listens to `touch-action` within a drawing.
      element.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false });
      element.addEventListener('pointermove', (event) => {
        if (element.hasPointerCapture(event.pointerId)) to(at(event));
      });
    });
  };

  // ---- figures

  /** Takes a figure over: its controls work, and the picture follows them, once a frame. */
  const start = async (element) => {
    const name = element.dataset.live;
    const says = element.querySelector('.live-says');
    const panel = element.querySelector('.live-panel');
    try {
      const [exports] = await Promise.all([crate(), setups.has(name) || load(name)]);
      const { state, bounds, draw, built, narrowed } = setups.get(name)({ element, call: caller(exports), change });
      const first = structuredClone(state);
      const stage = element.querySelector('.live-stage');
      let [due, anew, touched] = [false, false, false];
      const render = () => {
        if (anew) {
          narrowed?.(narrow.matches);
          built?.();
          show();
        }
        [due, anew] = [false, false];
        try {
          says.innerHTML = draw() ?? '';
          says.classList.remove('refused');
        } catch (error) {
          says.textContent = error.message;
          says.classList.add('refused');
        }
        stage.dataset.frame = Number(stage.dataset.frame ?? 0) + 1;
        if (touched) share(name, state);
      };
      function change() {
        touched = true;
        if (!due) requestAnimationFrame(render);
        due = true;
      }
      const controls = [...panel.querySelectorAll('[name]')];
      const key = (control) => control.name.slice(name.length + 1);
      const show = () => {
        for (const control of controls) {
          const value = state[key(control)];
          if (control.type === 'radio') control.checked = Number(control.value) === value;
          else control.value = value;
          const output = control.nextElementSibling;
          if (output?.localName === 'output') output.textContent = output.dataset.of ? output.dataset.of.split(',')[value] : value;
        }
      };
      // A control may change the picture's parts, too.
      const rebuild = () => {
        anew = true;
        if (!due) requestAnimationFrame(render);
        due = true;
      };
      for (const control of controls) {
        control.addEventListener('input', () => {
          const value = Number(control.value);
          const [least, most] = bounds[key(control)];
          if (control.value === '' || !Number.isFinite(value)) return;
          state[key(control)] = Math.min(most, Math.max(least, value));
          touched = true;
          rebuild();
        });
      }
      element.addEventListener('live:rebuild', () => { touched = true; rebuild(); });
      panel.querySelector('.live-reset')?.addEventListener('click', () => {
        Object.assign(state, structuredClone(first));
        touched = false;
        clearTimeout(waiting);
        history.replaceState(history.state, '', `${location.pathname}${location.search}`);
        rebuild();
      });
      const follow = () => {
        const texts = shared(name);
        if (!texts) return;
        read(state, texts, bounds);
        rebuild();
      };
      // Beyond the figure, the arrows turn the book's pages.
      element.addEventListener('keydown', (event) => {
        if (event.key.startsWith('Arrow')) event.stopPropagation();
      });
      narrow.addEventListener('change', rebuild);
      addEventListener('hashchange', follow);
      read(state, shared(name), bounds);
      for (const fieldset of panel.querySelectorAll('fieldset')) fieldset.disabled = false;
      anew = true;
      render();
      element.classList.add('is-live');
    } catch (error) {
      // The static figure stays where it is.
      says.textContent = `This figure stays still: ${error.message}.`;
    }
  };

  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      start(target);
    }
  }, { rootMargin: '200px' });

  const begin = () => {
    const figures = document.querySelectorAll('.figure[data-live]');
    // All chapters on one page: for paper, which does not move.
    if (document.querySelectorAll('main h1').length > 1) {
      for (const figure of figures) figure.classList.remove('live');
      return;
    }
    for (const figure of figures) {
      seen.observe(figure);
      if (shared(figure.dataset.live)) figure.scrollIntoView({ block: 'center' });
    }
  };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', begin);
  else begin();

  return {
    figure: (name, setup) => setups.set(name, setup),
    module, label, grouped, tag, text, cell, hatch, place, handles,
  };
})();
