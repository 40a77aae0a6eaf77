/**
 * The pure entry, `@weft/ovsdb/notation`: values, operations and the typed builder of RFC 7047.
 * Every public name of the notation is listed here.
 * Sockets are left to the root entry.
 */
export { encodeValue } from "./encode.ts";
export { decodeValue } from "./decode.ts";
export { defaultValue, shapeOf } from "./column-type.ts";
export { database, tableOf } from "./database.ts";
export { abort, assert, comment, commit } from "./transaction.ts";
export { isId, isUuid, rowName, zeroUuid } from "./uuid.ts";
export { sameValue } from "./value.ts";
export { NotationError } from "./notation-error.ts";
export { OvsdbError, ovsdbErrorNames } from "./ovsdb-error.ts";
export type { AtomicType, BaseType, ColumnSchema, ColumnType, Shape } from "./column-type.ts";
export type { Awaited, Database } from "./database.ts";
export type {
  BaseRow,
  DatabaseSchema,
  DatabaseTypes,
  RowOf,
  TableName,
  TableSchema,
  TableTypes,
  UntypedDatabase,
  UntypedRow,
} from "./database-schema.ts";
export type {
  AbortOperation,
  AssertOperation,
  CommentOperation,
  CommitOperation,
  DeleteOperation,
  InsertOperation,
  MutateOperation,
  Operation,
  OperationResult,
  SelectOperation,
  UpdateOperation,
  WaitOperation,
} from "./operation.ts";
export type { Json, JsonObject } from "./json.ts";
export type { OvsdbErrorName, ServerRefusal } from "./ovsdb-error.ts";
export type { NamedUuid, Reference, Uuid } from "./uuid.ts";
export type { Atom, Value } from "./value.ts";
export type {
  ConditionFunction,
  Mutator,
  WireAtom,
  WireCondition,
  WireMap,
  WireMutation,
  WireRow,
  WireSet,
  WireValue,
} from "./wire.ts";
export type { AnyColumn, Condition, InsertRow, Mutation, UpdateRow, Where, Written } from "./written.ts";
