-- One outage is one incident: what shows at a dependant is part of the incident of the service at fault.
-- `cause`: the service at fault by the last diagnosis, where it is another one; its incident may not be open yet.
alter table opsmedic.incidents add column cause text;
-- Always an incident that is part of none itself.
alter table opsmedic.incidents add column part_of text references opsmedic.incidents (id) on delete set null;
create index incidents_by_cause on opsmedic.incidents (cause) where cause is not null;
create index incidents_parts on opsmedic.incidents (part_of) where part_of is not null;
