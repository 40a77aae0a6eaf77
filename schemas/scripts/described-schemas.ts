/**
 * Every schema that others may want to read, by name, and in which direction it is described:
 * documents and requests as they are given (defaults may be left out), records, replies and events as they are read.
 */
import type { z } from "zod";
import {
  Accepted,
  AccessRecord,
  ApplyRequest,
  Chain,
  DeleteRequest,
  DeleteSeveralRequest,
  Document,
  FunctionGroup,
  HealthRecord,
  Heartbeat,
  IntentRecord,
  IntentReply,
  JoinReply,
  JoinRequest,
  Network,
  NodeRecord,
  PlacementRecord,
  RealizedRecord,
  Refusal,
  Refused,
  RemoveNodeReply,
  RemoveNodeRequest,
  SessionExit,
  SessionRequest,
  SessionResize,
  ShardSamples,
  SlotsRecord,
  StitchedRecord,
  TokenReply,
  TokenRequest,
  WeftEvent,
  Workload,
} from "../src/index.ts";

export const given = {
  Network,
  Workload,
  FunctionGroup,
  Chain,
  Document,
  ApplyRequest,
  DeleteRequest,
  DeleteSeveralRequest,
  SessionRequest,
  TokenRequest,
  JoinRequest,
  RemoveNodeRequest,
} as const satisfies Record<string, z.ZodType>;

export const read = {
  IntentRecord,
  PlacementRecord,
  RealizedRecord,
  NodeRecord,
  SlotsRecord,
  StitchedRecord,
  HealthRecord,
  AccessRecord,
  Heartbeat,
  ShardSamples,
  TokenReply,
  JoinReply,
  RemoveNodeReply,
  Accepted,
  Refused,
  Refusal,
  IntentReply,
  SessionExit,
  SessionResize,
  WeftEvent,
} as const satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof given | keyof typeof read;
