/** One thing after the other: a read waits for the disk of the one before, an answer of the server for the read. */

export function createTurns() {
  /** @type {(() => Promise<void>)[]} */
  const waiting = [];
  let isBusy = false;

  async function advance() {
    if (isBusy) return;
    isBusy = true;
    for (let turn = waiting.shift(); turn; turn = waiting.shift()) await turn();
    isBusy = false;
  }

  return {
    /** Run a task in its turn, at once where nothing is under way. @param {() => unknown} task @returns {Promise<void>} */
    take(task) {
      return new Promise((done, fail) => {
        waiting.push(async () => {
          try {
            await task();
            done();
          } catch (error) {
            fail(error);
          }
        });
        void advance();
      });
    },
    get isBusy() {
      return isBusy;
    },
  };
}
