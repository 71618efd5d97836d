// Containers: the contract that all targets keep.
import { targetContract } from "../contract/target.contract.ts";
import { describeWith } from "../services-available.ts";
import { openDockerSite } from "./docker-site.ts";

describeWith("docker", "on a Docker engine", () => {
  targetContract("a container", () => openDockerSite());
});
