// What every script finds: a clock that stands still, seeded randomness, and a console. Nothing here is kept from one run to the next.
(function (now, low, high, write) {
  'use strict';
  const define = (object, name, value) => Object.defineProperty(object, name, { value, writable: true, configurable: true });

  const Native = Date;
  function Clock(...parts) {
    if (new.target === undefined) return new Native(now).toString();
    return Reflect.construct(Native, parts.length === 0 ? [now] : parts, new.target);
  }
  Object.defineProperty(Clock, 'name', { value: 'Date' });
  Object.defineProperty(Clock, 'length', { value: 7 });
  Object.defineProperty(Clock, 'prototype', { value: Native.prototype, writable: false });
  define(Clock, 'now', () => now);
  define(Clock, 'parse', Native.parse);
  define(Clock, 'UTC', Native.UTC);
  define(Native.prototype, 'constructor', Clock);
  define(globalThis, 'Date', Clock);

  // sfc32: small, and good enough for a script.
  let a = low | 0, b = high | 0, c = 0x9e3779b9 | 0, d = 1;
  const next = () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  define(Math, 'random', () => (next() * 2097152 + (next() >>> 11)) / 9007199254740992);

  // For threads, of which there are none.
  delete globalThis.SharedArrayBuffer;
  delete globalThis.Atomics;

  define(globalThis, 'console', { log: write, info: write, warn: write, error: write, debug: write });
})
