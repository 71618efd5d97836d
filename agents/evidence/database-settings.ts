// Settings of a database that are known to hurt, gravest first, with what to set instead.
import { badMysqlSettings } from "../../tools/mysql-settings.ts";
import { badPostgresSettings } from "../../tools/postgres-settings.ts";
import { sqlInspectorOf } from "./inside-database.ts";
import { type Observer, plainLine, seen, unseen } from "./observer.ts";

/** The name of the gravest; null: none hurts. */
const badDatabaseSetting: Observer = async (look) => {
  const inspector = await sqlInspectorOf(look);
  if (inspector === undefined) return unseen("its settings cannot be seen");
  const settings = await inspector.settings(look.signal);
  const bad = (inspector.engine === "postgres" ? badPostgresSettings : badMysqlSettings)(settings);
  const [worst] = bad.toSorted((a, b) => Number(b.grave) - Number(a.grave));
  if (worst === undefined) return seen(null, "no setting is known to hurt");
  const { setting, value, harm, advice, better } = worst;
  const others = bad.length > 1 ? `, and ${bad.length - 1} more` : "";
  return seen(
    { value: setting, now: value, harm, advice, better },
    plainLine(`${setting} is ${value}: ${harm}${others}`),
  );
};

export const databaseSettingObservers: Record<string, Observer> = {
  "bad-database-setting": badDatabaseSetting,
};
