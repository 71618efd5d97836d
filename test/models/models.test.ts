// Both providers, through the SDKs that the product uses, against a server that speaks their protocols.
import { modelContract } from "../contract/model.contract.ts";

modelContract("openai");
modelContract("ollama");
