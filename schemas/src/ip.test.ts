import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Subnet } from "./ip.ts";
import {
  AddressText,
  SubnetText,
  addressAt,
  contains,
  formatAddress,
  formatSubnet,
  networkOf,
  overlaps,
  parseAddress,
  parseSubnet,
} from "./ip.ts";

const address4 = fc.bigInt(0n, 2n ** 32n - 1n).map((value) => ({ family: 4 as const, value }));
const address6 = fc.bigInt(0n, 2n ** 128n - 1n).map((value) => ({ family: 6 as const, value }));
const subnet: fc.Arbitrary<Subnet> = fc.oneof(
  fc.tuple(address4, fc.integer({ min: 0, max: 32 })).map(([one, prefix]) => networkOf({ ...one, prefix })),
  fc.tuple(address6, fc.integer({ min: 0, max: 128 })).map(([one, prefix]) => networkOf({ ...one, prefix })),
);

describe("an address's text", () => {
  // The examples of RFC 5952, sections 4 and 5.
  it.each([
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:DB8::AAAA", "2001:db8::aaaa"],
    ["::", "::"],
    ["::ffff:192.0.2.1", "::ffff:c000:201"],
    ["192.0.2.1", "192.0.2.1"],
  ])("%s is written %s", (text, written) => {
    expect(formatAddress(parseAddress(text))).toBe(written);
  });

  it.each(["256.1.1.1", "1.2.3", "1.2.3.4.5", "fd00::1::2", "12345::", "g::", "1:2:3:4:5:6:7", ""])(
    "%j is none",
    (text) => {
      expect(() => parseAddress(text)).toThrow(RangeError);
      expect(AddressText.safeParse(text).success).toBe(false);
    },
  );

  it("is read back as it was written", () => {
    fc.assert(
      fc.property(fc.oneof(address4, address6), (address) => {
        expect(parseAddress(formatAddress(address))).toEqual(address);
        expect(AddressText.safeParse(formatAddress(address)).success).toBe(true);
      }),
    );
  });
});

describe("a subnet", () => {
  it("is read back as it was written", () => {
    fc.assert(
      fc.property(subnet, (one) => {
        expect(parseSubnet(formatSubnet(one))).toEqual(one);
        expect(SubnetText.safeParse(formatSubnet(one)).success).toBe(true);
      }),
    );
  });

  it("overlaps another exactly when one contains the other's first address", () => {
    fc.assert(
      fc.property(subnet, subnet, (a, b) => {
        expect(overlaps(a, b)).toBe(contains(a, b) || contains(b, a));
        expect(overlaps(a, b)).toBe(overlaps(b, a));
      }),
    );
  });

  it("numbers its addresses from its own, and has none outside", () => {
    expect(formatAddress(addressAt(parseSubnet("10.1.2.0/24"), 255))).toBe("10.1.2.255");
    expect(() => addressAt(parseSubnet("10.1.2.0/24"), 256)).toThrow(RangeError);
    expect(formatAddress(addressAt(parseSubnet("fd77::/16"), 1n << 64n))).toBe("fd77:0:0:1::");
  });

  it.each([
    ["10.1.0.5/16", "has host bits set: give the network's own address"],
    ["10.1.0.0", "must be a subnet such as 10.1.0.0/16 or fd00:1::/64"],
    ["10.1.0.0/33", "must be a subnet such as 10.1.0.0/16 or fd00:1::/64"],
  ])("%s is refused", (text, message) => {
    expect(SubnetText.safeParse(text).error?.issues.map((issue) => issue.message)).toEqual([message]);
  });
});
