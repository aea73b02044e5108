/** @typedef {[path: string, facts: import('./topic.js').Facts][]} News */
/** @typedef {ReturnType<typeof createTabs>} Tabs */
/**
 * What tabs say to each other.
 * @typedef {object} Message
 * @property {number} tab who says it
 * @property {string[]} [want] the paths this tab watches; the leader answers with what it knows of them
 * @property {boolean} [isHidden]
 * @property {string} [again] the one of them that had ended, and is to be looked at anew
 * @property {boolean} [isLeaving]
 * @property {boolean} [isBeat] the leader is there
 * @property {boolean} [isRenewal] what was opened for the user is to be opened anew
 * @property {News} [news]
 */
/**
 * The page's side.
 * @typedef {object} TabsOwner
 * @property {Map<string, import('./topic.js').Topic>} topics by path
 * @property {(path: string, isNew: boolean) => import('./topic.js').Topic} follow the topic another tab wants; whether it is one more that wants it
 * @property {() => void} changed who leads, or what the others want, has changed
 * @property {() => void} renew
 */

/** After so many beats without an answer a tab counts as gone, and so does a leader that gives none. */
const MOST_MISSED = 2.5;

/**
 * All tabs of one origin and user. The one that holds the lock leads: it keeps the connections and tells the others. When it closes, the browser
 * gives the lock to the next.
 * @param {import('./browser.js').Context} context
 * @param {string} name
 * @param {Pick<LockManager, 'request'>} locks
 * @param {BroadcastChannel} channel
 * @param {TabsOwner} owner
 */
export function createTabs({ browser, now, heartbeat }, name, locks, channel, { topics, follow, changed, renew }) {
  const self = browser.Math.random();
  /** @type {Map<number, {paths: Set<string>, isHidden: boolean | undefined, missed: number}>} */
  const others = new Map();
  let isLeader = false;
  // When the leader, who may be this tab, was heard.
  let heardAt = now();
  let tickedAt = heardAt;
  /** @type {AbortController | undefined} our place in the queue for the lock, and our time with it */
  let turn;
  /** @type {((value?: unknown) => void) | undefined} */
  let release;

  /** @param {Omit<Message, 'tab'>} message */
  const post = (message) => channel.postMessage({ tab: self, ...message });

  /**
   * Tells the leader what this tab wants.
   * @param {string} [again]
   */
  const say = (again) => {
    if (!isLeader) {
      post({ want: [...topics.keys()], isHidden: browser.document?.hidden, again });
    }
  };

  /** Shows that there is a leader, and sorts out the tabs that do not answer any more. */
  const beat = () => {
    heardAt = now();
    others.forEach((other, tab) => {
      if (++other.missed > MOST_MISSED) {
        others.delete(tab);
        changed();
      }
    });
    post({ isBeat: true });
  };

  /** @param {boolean} steal */
  const queue = (steal) => {
    turn?.abort();
    const own = (turn = new AbortController());
    // A lock cannot be waited for and stolen at once.
    locks.request(name, steal ? { steal } : { signal: own.signal }, () => own.signal.aborted || new Promise((resolve) => {
      release = resolve;
      isLeader = true;
      beat();
      changed();
    })).catch(() => {
      if (!own.signal.aborted) {
        // Stolen, by a tab that heard nothing of this one. Where it was never held there are no locks: everybody leads.
        isLeader = !isLeader;
        others.clear();
        if (!isLeader) {
          queue(false);
          say();
        }
        changed();
      }
    });
  };

  channel.onmessage = ({ data }) => {
    /** @type {Message} */
    const { tab, want, isHidden, again, isLeaving, isBeat, isRenewal, news } = data;
    if (isRenewal) {
      renew();
    } else if (isLeader) {
      if (want) {
        const before = others.get(tab)?.paths;
        others.set(tab, { paths: new Set(want), isHidden, missed: 0 });
        changed();
        post({ news: want.map((path) => [path, follow(path, path == again || !before?.has(path)).facts]) });
      } else if (isLeaving) {
        others.delete(tab);
        changed();
      }
    } else if (isBeat || news) {
      heardAt = now();
      if (news) {
        news.forEach(([path, facts]) => topics.get(path)?.adopt(facts));
      } else {
        say();
      }
    }
  };
  queue(false);
  say();

  return {
    /** Also where there is no sharing after all. */
    isLeader: () => isLeader,
    /** Whether another tab, for which this one leads, is looked at. */
    isAnyVisible: () => [...others.values()].some((tab) => !tab.isHidden),
    /**
     * Whether another tab, for which this one leads, wants it.
     * @param {string} path
     */
    wants: (path) => [...others.values()].some((tab) => tab.paths.has(path)),
    say,
    /** @param {News} news */
    tell: (news) => post({ news }),
    /** What all tabs have open for the user is to be opened anew. */
    renew: () => post({ isRenewal: true }),

    /** To be called now and then. */
    tick() {
      // Who slept has missed what the leader said, and the leader may have slept as well.
      if (now() - tickedAt > heartbeat) {
        heardAt = now();
      }
      tickedAt = now();
      if (isLeader) {
        if (tickedAt - heardAt >= heartbeat) {
          beat();
        }
      } else if (tickedAt - heardAt > MOST_MISSED * heartbeat && !browser.document?.hidden) {
        heardAt = tickedAt;
        queue(true);
      }
    },

    close() {
      post({ isLeaving: true });
      turn?.abort();
      release?.();
      channel.close();
    },
  };
}
