/**
 * Every schema that others may want to read, by name, and in which direction it is described:
 * documents and requests as they are given (defaults may be left out), records, replies and events as they are read.
 */
import type { z } from "zod";
import {
  Accepted,
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
  Network,
  NodeRecord,
  PlacementRecord,
  RealizedRecord,
  Refusal,
  Refused,
  SessionExit,
  SessionRequest,
  SessionResize,
  SlotsRecord,
  StitchedRecord,
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
} as const satisfies Record<string, z.ZodType>;

export const read = {
  IntentRecord,
  PlacementRecord,
  RealizedRecord,
  NodeRecord,
  SlotsRecord,
  StitchedRecord,
  HealthRecord,
  Heartbeat,
  Accepted,
  Refused,
  Refusal,
  IntentReply,
  SessionExit,
  SessionResize,
  WeftEvent,
} as const satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof given | keyof typeof read;
