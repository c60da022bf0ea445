/** Asks again while somebody looks: every five seconds, at once when the page is looked at again. */

const EVERY = 5_000;

export class Live {
    constructor(ask, every = EVERY) {
        this.ask = ask;
        this.every = every;
        this.timer = 0;
        this.running = false;
        this.look = () => {
            clearTimeout(this.timer);
            if (this.running && document.visibilityState === 'visible') this.turn();
        };
    }

    /** Begin; the first time after one interval. */
    start() {
        if (this.running) return;
        this.running = true;
        document.addEventListener('visibilitychange', this.look);
        this.timer = setTimeout(this.look, this.every);
    }

    /** Begin anew: the next time is one interval from now. */
    restart() {
        this.stop();
        this.start();
    }

    stop() {
        this.running = false;
        clearTimeout(this.timer);
        document.removeEventListener('visibilitychange', this.look);
    }

    async turn() {
        try {
            await this.ask();
        } finally {
            if (this.running) this.timer = setTimeout(this.look, this.every);
        }
    }
}

/** Runs work so that only the newest counts: what was begun before is stopped and forgotten. */
export class Newest {
    /** The result of `work(signal)`, or undefined if something newer was begun meanwhile. */
    async run(work) {
        this.stop();
        const mine = new AbortController();
        this.current = mine;
        try {
            const found = await work(mine.signal);
            return this.current === mine ? found : undefined;
        } catch (error) {
            if (error.name === 'AbortError' || this.current !== mine) return undefined;
            throw error;
        }
    }

    stop() {
        this.current?.abort();
        this.current = null;
    }
}
