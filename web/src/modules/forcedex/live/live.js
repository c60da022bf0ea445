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
