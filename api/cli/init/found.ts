// What `init` found on this machine, before it becomes a configuration.
export interface FoundContainer {
  name: string;
  image: string;
  /** Set where Docker Compose started it; `needs`: services of the same project that it depends on. */
  compose?: { project: string; service: string; folder?: string; needs?: string[] };
  /** Ports of this machine that lead into it, with the port inside. */
  ports: { host: number; container: number }[];
}

export interface FoundPort {
  port: number;
  kind: "postgres" | "mysql" | "redis" | "http";
}

export interface Found {
  containers: FoundContainer[];
  /** Listening on loopback, not of one of the containers. */
  ports: FoundPort[];
  /** Why something could not be looked at: "docker: …". */
  notes: string[];
}
