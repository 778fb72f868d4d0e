import { Injectable } from '@nestjs/common';
import { barChart, lineChart, type BarChart, type LineChart } from '../../insights/index.js';
import type { Panel } from './panel.rules.js';

/** What is drawn, without what the panel says of it. */
export type Drawing<Chart> = Omit<Chart, 'id' | 'title' | 'description' | 'variant'>;

/** Draws the chart of a panel twice: for a desk and for a phone. */
@Injectable()
export class PanelDrawing {
  bars(panel: Omit<Panel, 'svg' | 'narrow'>, chart: Drawing<BarChart>): Panel {
    return drawnTwice(panel, (names) => barChart({ ...names, ...chart }));
  }

  lines(panel: Omit<Panel, 'svg' | 'narrow'>, chart: Drawing<LineChart>): Panel {
    return drawnTwice(panel, (names) => lineChart({ ...names, ...chart }));
  }
}

type Names = Pick<BarChart, 'id' | 'title' | 'description' | 'variant'>;

function drawnTwice(panel: Omit<Panel, 'svg' | 'narrow'>, draw: (names: Names) => string): Panel {
  const names = { title: panel.title, description: panel.sentence };
  return {
    ...panel,
    svg: draw({ ...names, id: `${panel.id}-wide`, variant: 'wide' }),
    narrow: draw({ ...names, id: `${panel.id}-narrow`, variant: 'narrow' }),
  };
}
