import type { Weight } from './typeface.js';

export interface TextStyle {
  readonly size: number;
  readonly weight: Weight;
  readonly colour: string;
  readonly align: 'left' | 'right';
}

export const INK = '#1b1f23';
export const MUTED = '#59636e';
export const ACCENT = '#0b4f4a';
export const HAIRLINE = '#cfd6db';
export const BODY: TextStyle = { size: 9.5, weight: 'regular', colour: INK, align: 'left' };
