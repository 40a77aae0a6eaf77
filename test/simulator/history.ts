/**
 * One history: events in an order that the seed decides, then an end in which every fault is mended and all comes to rest.
 * Throws `Violation` at the first event after which a rule does not hold.
 */
import { groupIntent, nodes } from "./documents.ts";
import { Agent } from "./agent.ts";
import { findNode, isNodeLost, judge, loseNode, say } from "./health.ts";
import { checkRest } from "./rest.ts";
import { Scheduler } from "./scheduler.ts";
import { Stitcher } from "./stitcher.ts";
import { closeFlow, openFlow, speak } from "./traffic.ts";
import { World } from "./world.ts";

export class History {
  readonly world: World;
  readonly stitcher: Stitcher;
  readonly scheduler: Scheduler;
  readonly agents: readonly Agent[];
  /** Few, so that flows meet moves. */
  readonly slots: readonly number[];
  #generation = 1;

  constructor(seed: number) {
    const world = new World(seed);
    this.world = world;
    this.stitcher = new Stitcher(world);
    this.scheduler = new Scheduler(world);
    this.agents = nodes.map((node) => new Agent(world, node));
    this.slots = Array.from({ length: 8 }, () => world.random.below(256));
  }

  run(): void {
    const { random } = this.world;
    this.settle();
    const faults = random.chance(0.7) ? 1 : 0;
    const weights = {
      stitcher: 12,
      agent: 24,
      scheduler: 4,
      health: 6,
      deliver: 10,
      chassis: 8,
      speak: 40,
      open: 10,
      close: 4,
      scale: 2,
      crash: faults,
      kill: faults * 0.5,
      doubt: faults * 0.5,
      cutOff: faults * 0.4,
      rejoin: faults,
      freeze: faults,
      thaw: faults,
      standStill: faults * 0.5,
      wakeUp: faults,
      lose: faults * 0.3,
      later: 0.5,
    };
    const length = 200 + random.below(400);
    for (let event = 0; event < length; event += 1) this.#happen(random.weighted(weights));
    this.#mend();
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
    northbound.compiled = northbound.wanted;
    for (const chassis of world.chassis) this.#apply(chassis);
    const judged = world.shards().map((placement) => judge(world, placement));
    advance(stitcher.views);
    const acted = [stitcher.act()];
    while (stitcher.isAtWork) stitcher.act();
    for (const agent of agents) {
      advance(agent.views);
      while (agent.act()) acted.push(true);
    }
    for (const flow of world.flows) this.#speak(flow);
    return [...judged, ...acted].includes(true) || northbound.compiled < northbound.wanted;
  }

  #happen(event: string): void {
    const { world } = this;
    const { random } = world;
    switch (event) {
      case "stitcher":
        return void this.stitcher.act();
      case "agent":
        return void random.pick(this.agents)?.act();
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
        return openFlow(world, this.slots);
      case "close":
        return this.#closeOne();
      case "scale":
        return this.#scale();
      case "later":
        world.nowMs += random.chance(0.3) ? 11 * 60_000 : 1_000;
        return;
      default:
        return this.#goWrong(event);
    }
  }

  #goWrong(event: string): void {
    const { world } = this;
    const { random } = world;
    const chassis = random.pick(world.chassis);
    const node = random.pick(nodes) ?? "";
    if (event === "crash") {
      if (random.chance(0.4)) this.stitcher.crash();
      else random.pick(this.agents)?.crash();
    } else if (event === "kill") this.#kill();
    else if (event === "doubt") this.#doubt();
    else if (event === "cutOff") this.#cutOff(node);
    else if (event === "rejoin") this.#rejoin();
    else if (event === "freeze" && chassis !== undefined) chassis.frozen = true;
    else if (event === "thaw" && chassis !== undefined) chassis.frozen = false;
    else if (event === "standStill") this.stitcher.standStill();
    else if (event === "wakeUp") this.stitcher.wakeUp();
    else if (event === "lose") this.#loseStore();
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
    const view = random.pick(Object.values(to.views));
    view?.advance(random.chance(0.5) ? 1 : Infinity);
  }

  #follow(): void {
    const { northbound, chassis, random } = this.world;
    if (random.chance(0.3)) northbound.compiled = northbound.wanted;
    const one = random.pick(chassis);
    if (one !== undefined && !one.frozen) this.#apply(one);
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

  /** Holder and function at once: whoever notices comes later. */
  #kill(): void {
    const instance = this.world.random.pick([...this.world.instances.values()]);
    if (instance === undefined) return;
    this.world.note(`${instance.placement.name} is killed`);
    this.world.end(instance);
    say(this.world, instance.placement, "failed");
  }

  /** It is called failed and works. */
  #doubt(): void {
    const instance = this.world.random.pick([...this.world.instances.values()]);
    if (instance?.guarded === true) say(this.world, instance.placement, "failed");
  }

  #cutOff(node: string): void {
    if (this.world.cutOff.has(node)) return;
    this.world.note(`${node} is cut off`);
    this.world.cutOff.add(node);
    loseNode(this.world, node);
  }

  #rejoin(): void {
    const node = this.world.random.pick([...this.world.cutOff]);
    if (node === undefined) return;
    this.world.cutOff.delete(node);
    findNode(this.world, node);
  }

  #loseStore(): void {
    const { world } = this;
    if (world.random.chance(0.5)) world.stream.lose();
    else world.shims.forget();
    world.note("a store is lost");
  }

  #mend(): void {
    const { world } = this;
    world.note("every fault is mended");
    for (const node of world.cutOff) findNode(world, node);
    world.cutOff.clear();
    for (const chassis of world.chassis) chassis.frozen = false;
    this.stitcher.wakeUp();
  }
}

function advance(views: Readonly<Record<string, { advance(): void }>>): void {
  for (const view of Object.values(views)) view.advance();
}
