import { createTimer } from './browser.js';
import { createLine } from './line.js';
import { createTabs } from './tabs.js';
import { Topic } from './topic.js';

/** @typedef {import('./browser.js').Context} Context */
/** @typedef {import('./line.js').Line} Line */

/** For so long a topic stays known, and in the stream, after it was last seen to be wanted; that is looked at three times per heartbeat. */
const LINGER = 15_000;
/** Many watches that begin at about the same time open one stream together. */
const GATHER = 20;
const LEAST_BETWEEN_STREAMS = 500;
/** For so long an end is taken to be the newest: it may be what let another watch begin. */
const JUST_NOW = 1000;
/** As many documents as a host takes on one stream unless it is set to less. */
const MOST_ON_STREAM = 1000;
/** Over HTTP/1.1 a browser has six connections to a host: half of them are left to the page, and what has no stream is asked for. */
const MOST_STREAMS = 3;
const PAUSED_INTERVAL = 30_000;

/**
 * Holds what the page watches, and brings its connections in line with that: its own, or those of the tab that leads.
 * @param {Context} context
 * @param {string | null | undefined} identity `null` when nobody has said it
 * @param {boolean} share
 * @param {number} pauseAfter
 */
export function createHub(context, identity, share, pauseAfter) {
  const { base, browser, now, getToken, heartbeat, pollInterval } = context;
  /** @type {Map<string, Topic>} by path: what this page watches and, when it leads, what the other tabs do */
  const topics = new Map();
  /** @type {Map<string, Line>} one for all documents, as far as a stream takes them, and one for each batch */
  const lines = new Map();
  let mostOnStream = MOST_ON_STREAM;
  /** @type {import('./tabs.js').Tabs | undefined} */
  let tabs;
  /** @type {AbortController | undefined} while the page is listened to */
  let life;
  let isJoined = false;
  let isUpdateDue = false;
  let updatedAt = 0;
  let hiddenSince = Infinity;
  let wasPaused = false;
  const ticker = createTimer(browser);
  const updater = createTimer(browser);

  /** Whether nobody has looked for a while, at this tab or at one it leads. */
  const isPaused = () => now() - hiddenSince >= pauseAfter && !tabs?.isAnyVisible();

  /** Soon brings everything in line with what is wanted. */
  const update = () => {
    if (!isUpdateDue) {
      isUpdateDue = true;
      updater(connect, Math.max(GATHER, updatedAt + LEAST_BETWEEN_STREAMS - now()));
    }
  };

  const connect = () => {
    isUpdateDue = false;
    updatedAt = now();
    wasPaused = isPaused();
    tabs?.say();
    /** @type {Map<string, Topic[]>} */
    const groups = new Map();
    let documents = 0;
    let streams = 0;
    if (tabs?.isLeader() ?? true) {
      // Documents first: they share their stream.
      for (const topic of [...topics.values()].sort((a, b) => +a.isBatch - +b.isBatch)) {
        const key = topic.isBatch ? topic.path : `${Math.floor(documents++ / mostOnStream)}`;
        groups.set(key, [...(groups.get(key) ?? []), topic]);
      }
    }
    lines.forEach((line, key) => {
      if (!groups.has(key)) {
        line.close();
        lines.delete(key);
      }
    });
    groups.forEach((group, key) => {
      const line = lines.get(key) ?? createLine(context, tooMany);
      lines.set(key, line);
      streams += +group.some((topic) => !topic.isEnded);
      line.carry(group, wasPaused ? PAUSED_INTERVAL : streams > MOST_STREAMS ? pollInterval : 0);
    });
  };

  /**
   * The host does not take so many documents on one stream.
   * @param {number} count
   */
  const tooMany = (count) => {
    mostOnStream = Math.min(mostOnStream, Math.ceil(count / 2));
    update();
  };

  /** @param {boolean} isDead */
  const wake = (isDead) => {
    topics.forEach((topic) => topic.refresh());
    lines.forEach((line) => line.wake(isDead));
  };

  /**
   * @param {boolean} isBatch
   * @param {string} id
   */
  const create = (isBatch, id) => new Topic(isBatch, id, context, (topic) => {
    // What waits for a stream may have one now.
    if (topic.isEnded && lines.size > MOST_STREAMS) {
      update();
    }
    if (topics.get(topic.path) == topic && tabs?.wants(topic.path)) {
      tabs.tell([[topic.path, topic.facts]]);
    }
  });

  /**
   * The topic for one more who wants it. One that has ended may have been started again, or be allowed by now: a fresh one takes its place.
   * @param {Topic} fresh
   */
  const take = (fresh) => {
    const held = topics.get(fresh.path);
    if (held && !held.isEnded) {
      return held;
    }
    fresh.earlier = held?.watchers.size ? held : held?.earlier;
    topics.set(fresh.path, fresh);
    return fresh;
  };

  /** The other tabs; `undefined` when this page is on its own. */
  const meet = () => {
    const locks = browser.navigator?.locks;
    const name = `lexintel-progress ${base} ${identity ?? ''}`;
    try {
      if (share && locks && !(getToken && identity == null)) {
        // Throws where there is none, and in kinds of pages that may not.
        return createTabs(context, name, locks, new /** @type {typeof BroadcastChannel} */ (browser.BroadcastChannel)(name), {
          topics,
          follow(path, isNew) {
            const [kind, id] = path.split('/');
            return (!isNew && topics.get(path)) || take(create(kind == 'batches', decodeURIComponent(id)));
          },
          changed: update,
          renew: () => wake(true),
        });
      }
    } catch {
      // Then this page is on its own.
    }
  };

  const join = () => {
    if (topics.size) {
      update();
      if (!isJoined) {
        isJoined = true;
        tabs = meet();
        tick();
      }
    }
  };

  const leave = () => {
    isJoined = isUpdateDue = false;
    ticker();
    updater();
    tabs?.close();
    tabs = undefined;
    lines.forEach((line) => line.close());
    lines.clear();
    topics.forEach((topic) => topic.update({ phase: 'connecting' }));
  };

  /** Lets go of what nobody has wanted for a while, and lets everybody look at the clock. */
  const tick = () => {
    ticker(tick, heartbeat / 3);
    let hasChanged = isPaused() != wasPaused;
    topics.forEach((topic, path) => {
      if (topic.isWatched || tabs?.wants(path)) {
        topic.wantedAt = now();
      } else if (now() - topic.wantedAt >= LINGER) {
        hasChanged = topics.delete(path);
      }
    });
    tabs?.tick();
    lines.forEach((line) => line.tick());
    if (!topics.size) {
      leave();
    } else if (hasChanged) {
      update();
    }
  };

  const look = () => {
    hiddenSince = browser.document?.hidden ? Math.min(hiddenSince, now()) : Infinity;
    tabs?.say();
    update();
    if (hiddenSince == Infinity) {
      wake(false);
    }
  };

  return {
    /**
     * The page's topic, for one more watch.
     * @param {boolean} isBatch
     * @param {string} id
     * @param {Topic[]} [before] those of the watch that goes on in this one
     */
    find(isBatch, id, before) {
      const fresh = create(isBatch, id);
      const held = topics.get(fresh.path);
      if (held && (before?.includes(held) || (held.isWatched && now() - held.changedAt < JUST_NOW))) {
        return held;
      }
      const topic = take(fresh);
      if (held && held != topic) {
        tabs?.say(topic.path);
      }
      return topic;
    },

    /** Begins to see to what was found. */
    join() {
      if (!life) {
        const own = (life = new AbortController());
        /** @param {EventTarget | undefined} target @param {string} name @param {() => void} action */
        const on = (target, name, action) => target?.addEventListener(name, action, own);
        on(browser.window, 'online', () => wake(true));
        on(browser.window, 'offline', () => {
          lines.forEach((line) => line.cut());
          topics.forEach((topic) => topic.refresh());
        });
        on(browser.document, 'visibilitychange', look);
        // A page that is put aside lets others lead, and holds nothing that would keep it from being put aside.
        on(browser.window, 'pagehide', leave);
        on(browser.document, 'freeze', leave);
        on(browser.window, 'pageshow', join);
        on(browser.document, 'resume', join);
        look();
      }
      join();
    },

    /** @param {string | undefined} next */
    setIdentity(next) {
      if (next !== identity) {
        tabs?.renew();
        leave();
        identity = next;
        topics.forEach((topic, path) => (topic.isWatched ? topic.forget() : topics.delete(path)));
        join();
      }
    },

    close() {
      topics.clear();
      leave();
      life?.abort();
      life = undefined;
    },
  };
}
