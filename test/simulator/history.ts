/**
 * One history: events in an order that the seed decides, then an end in which every fault is mended and all comes to rest.
 * Throws `Violation` at the first event after which a rule does not hold.
 */
import { groupIntent, nodes } from "./documents.ts";
import { Agent } from "./agent.ts";
import { Faults, isFault } from "./faults.ts";
import { weightsAt } from "./happenings.ts";
import type { Happening } from "./happenings.ts";
import { isNodeLost, judge } from "./health.ts";
import { checkRest } from "./rest.ts";
import { Scheduler } from "./scheduler.ts";
import { Stitcher } from "./stitcher.ts";
import { closeFlow, openFlow, sendStray, speak } from "./traffic.ts";
import { World } from "./world.ts";

/** Each is spoken in after every change, so a few tell as much as many. */
const mostOpen = 14;
/** Of one agent, while nobody else acts. */
const mostActs = 1_000;

export class History {
  readonly world: World;
  readonly stitcher: Stitcher;
  readonly scheduler: Scheduler;
  readonly agents: readonly Agent[];
  /** Few, so that flows meet moves. */
  readonly slots: readonly number[];
  readonly #faults: Faults;
  #generation = 1;

  constructor(seed: number) {
    const world = new World(seed);
    this.world = world;
    this.stitcher = new Stitcher(world);
    this.scheduler = new Scheduler(world);
    this.agents = nodes.map((node) => new Agent(world, node));
    this.slots = Array.from({ length: 8 }, () => world.random.below(256));
    this.#faults = new Faults(this);
  }

  run(): void {
    const { random } = this.world;
    this.settle();
    const weights = weightsAt(random.pick([0, 1, 1, 2.5]) ?? 0);
    const length = 100 + random.below(200);
    for (let event = 0; event < length; event += 1) this.#happen(random.weighted(weights));
    this.#faults.mend();
    this.settle();
    checkRest(this.world, { drained: false });
    this.#endFlows();
    this.settle();
    checkRest(this.world, { drained: true });
  }

  /** Everybody sees everything and acts until nobody has anything left to do. The scheduler looks while the others rest. */
  settle(): void {
    let rested = true;
    for (let round = 0; round < 400; round += 1) {
      if (rested) {
        advance(this.scheduler.views);
        if (!this.scheduler.act() && round > 0) return;
      }
      rested = !this.#others();
    }
    this.world.broken("it does not come to rest");
  }

  #others(): boolean {
    const { world, stitcher, agents } = this;
    const { northbound } = world;
    const judged = world.shards().map((placement) => judge(world, placement));
    advance(stitcher.views);
    const acted = [stitcher.act()];
    while (stitcher.isAtWork) stitcher.act();
    const isBehind = world.chassis.some(({ applied }) => applied < northbound.wanted);
    northbound.compiled = northbound.wanted;
    for (const chassis of world.chassis) this.#apply(chassis);
    for (const agent of agents) {
      advance(agent.views);
      for (let acts = 0; agent.act(); acts += 1) {
        acted.push(true);
        if (acts > mostActs) world.broken(`the agent of ${agent.node} does not come to rest`);
      }
    }
    for (const flow of world.flows) this.#speak(flow);
    return [...judged, ...acted, isBehind].includes(true);
  }

  #happen(event: Happening): void {
    const { world } = this;
    const { random } = world;
    if (isFault(event)) return this.#faults.inject(event);
    switch (event) {
      case "stitcher":
        return this.#work(this.stitcher);
      case "agent":
        return this.#work(random.pick(this.agents));
      case "scheduler":
        return void this.scheduler.act();
      case "health":
        return this.#judgeOne();
      case "deliver":
        return this.#deliver();
      case "chassis":
        return this.#follow();
      case "speak":
        return this.#speakSome();
      case "open":
        return this.#openOne();
      case "calm":
        return this.#calm();
      case "stray":
        return sendStray(world, this.slots);
      case "close":
        return this.#closeOne();
      case "scale":
        return this.#scale();
      case "later":
        return this.#pass(random.chance(0.3) ? 11 * 60_000 : 1_000);
    }
  }

  /** A while in which all goes well where it can, so that the next fault meets slots that have moved and flows that drain. */
  #calm(): void {
    const { world, stitcher, scheduler, agents } = this;
    for (let rounds = 1 + world.random.below(10); rounds > 0; rounds -= 1) {
      advance(scheduler.views);
      scheduler.act();
      advance(stitcher.views);
      for (let acts = 0; acts === 0 || stitcher.isAtWork; acts += 1) stitcher.act();
      world.northbound.compiled = world.northbound.wanted;
      for (const chassis of world.chassis) if (!chassis.frozen) this.#apply(chassis);
      for (const agent of agents) {
        if (!world.cutOff.has(agent.node)) advance(agent.views);
        for (let acts = 0; acts < mostActs && agent.act(); acts += 1);
      }
      for (const placement of world.shards()) judge(world, placement);
      for (const flow of world.flows) this.#speak(flow);
      this.#openOne();
    }
  }

  /** No view is minutes old: a connection that does not answer is given up after seconds, and all is read anew. */
  #pass(ms: number): void {
    const { world, stitcher, scheduler, agents } = this;
    if (ms > 60_000)
      for (const { views } of [stitcher, scheduler, ...agents.filter(({ node }) => !world.cutOff.has(node))])
        advance(views);
    world.nowMs += ms;
  }

  #judgeOne(): void {
    const placement = this.world.random.pick(this.world.shards());
    if (placement !== undefined) judge(this.world, placement);
  }

  #deliver(): void {
    const { random } = this.world;
    const to = random.pick([this.stitcher, this.scheduler, ...this.agents]);
    const cutOff = to instanceof Agent && this.world.cutOff.has(to.node);
    if (to === undefined || cutOff) return;
    if (random.chance(0.4)) return advance(to.views);
    const view = random.pick(Object.values(to.views));
    view?.advance(random.chance(0.5) ? 1 : Infinity);
  }

  /** Some acts in a row, often of what there is now; frames pass between any two. */
  #work(actor: Stitcher | Agent | undefined): void {
    const { random, cutOff } = this.world;
    if (actor === undefined) return;
    if (random.chance(0.6) && !(actor instanceof Agent && cutOff.has(actor.node))) advance(actor.views);
    for (let acts = 1 + random.below(6); acts > 0 && actor.act(); acts -= 1) this.#afterwards(true);
  }

  /** In the moment after a change whatever is wrong shows: often all flows speak, and one opens. */
  #afterwards(changed: boolean): void {
    const { random, flows } = this.world;
    if (!changed || random.chance(0.4)) return;
    for (const flow of flows) this.#speak(flow);
    if (random.chance(0.3)) this.#openOne();
  }

  #openOne(): void {
    const { world } = this;
    if (world.flows.filter(({ closed }) => !closed).length < mostOpen) openFlow(world, this.slots);
  }

  #follow(): void {
    const { northbound, chassis, random } = this.world;
    if (random.chance(0.3)) northbound.compiled = northbound.wanted;
    const one = random.pick(chassis);
    if (one === undefined || one.frozen) return;
    const before = one.applied;
    this.#apply(one);
    this.#afterwards(one.applied > before);
  }

  #apply(chassis: World["chassis"][number]): void {
    const { northbound } = this.world;
    chassis.applied = northbound.compiled;
    const waitedFor = this.stitcher.waitsFor(chassis.node) && !isNodeLost(this.world, chassis.node);
    if (chassis.applied === northbound.wanted && waitedFor) chassis.suspect = false;
  }

  #speakSome(): void {
    const { world } = this;
    for (let turn = 0; turn < 3; turn += 1) {
      const flow = world.random.pick(world.flows);
      if (flow !== undefined && !flow.closed) this.#speak(flow);
    }
  }

  #speak(flow: World["flows"][number]): void {
    if (flow.closed) return;
    const first = this.world.random.chance(0.5);
    speak(this.world, flow, first ? "toServer" : "toClient");
    speak(this.world, flow, first ? "toClient" : "toServer");
  }

  #closeOne(): void {
    const open = this.world.flows.filter(({ closed }) => !closed);
    const flow = this.world.random.pick(open);
    if (flow !== undefined) closeFlow(flow);
  }

  /** Also what was half open: such entries time out by themselves. */
  #endFlows(): void {
    for (const flow of this.world.flows) closeFlow(flow);
    for (const { steering } of this.world.instances.values()) steering.forgetAll();
  }

  #scale(): void {
    const { world } = this;
    this.#generation += 1;
    world.replicas = 1 + world.random.below(5);
    const [key, intent] = groupIntent(world.replicas, this.#generation);
    world.intents.write(key, intent);
    world.note(`operator: ${world.replicas} shards`);
  }
}

function advance(views: Readonly<Record<string, { advance(): void }>>): void {
  for (const view of Object.values(views)) view.advance();
}
