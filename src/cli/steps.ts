import { styleText } from 'node:util';
import type { OnStep, StepEvent } from '../cluster/index.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
const CLEAR_LINE = '\r\u001b[2K';

/** Shows the steps of a start on stderr: a spinner on a terminal, one plain line for each step elsewhere. */
export interface StepDisplay {
  readonly onStep: OnStep;
  /** Ends the spinner, also after a failure. */
  close(): void;
}

function plainDisplay(stream: NodeJS.WriteStream): StepDisplay {
  return {
    onStep(event: StepEvent) {
      if (event.state !== 'done') return;
      stream.write(`${event.text} (${event.milliseconds ?? 0} ms)\n`);
    },
    close() {},
  };
}

function spinnerDisplay(stream: NodeJS.WriteStream): StepDisplay {
  let frame = 0;
  let text = '';
  const draw = (): void => {
    if (text === '') return;
    frame = (frame + 1) % FRAMES.length;
    stream.write(`${CLEAR_LINE}${styleText('cyan', FRAMES[frame] ?? '', { stream })} ${text}`);
  };
  const timer = setInterval(draw, FRAME_MS);
  return {
    onStep(event) {
      if (event.state === 'begin') {
        ({ text } = event);
        draw();
        return;
      }
      const time = styleText('dim', `${event.milliseconds ?? 0} ms`, { stream });
      stream.write(`${CLEAR_LINE}${styleText('green', '✓', { stream })} ${event.text} ${time}\n`);
      text = '';
    },
    close() {
      clearInterval(timer);
      if (text !== '') stream.write(CLEAR_LINE);
    },
  };
}

export function displaySteps(stream: NodeJS.WriteStream = process.stderr): StepDisplay {
  return stream.isTTY && process.env['TERM'] !== 'dumb'
    ? spinnerDisplay(stream)
    : plainDisplay(stream);
}
