/**
 * The checks that Consul's agents know, asked over its plain HTTP interface.
 * Reads /v1/health/state/any; what they mean is left to the tests.
 */
import { z } from "zod";

const Checks = z.array(z.object({ CheckID: z.string(), ServiceID: z.string() }));

/** One entry for each check of the service. */
export async function checksOf(url: string, serviceId: string): Promise<string[]> {
  const response = await fetch(new URL("/v1/health/state/any", url));
  const checks = Checks.parse(await response.json());
  return checks.filter(({ ServiceID }) => ServiceID === serviceId).map(({ CheckID }) => CheckID);
}
