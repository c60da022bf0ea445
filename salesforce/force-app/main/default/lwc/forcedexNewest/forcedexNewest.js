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
