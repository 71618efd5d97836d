-- A question that is out of date is withdrawn: that is neither a no nor a lapse of time.
alter table opsmedic.approvals drop constraint approvals_status_check;
alter table opsmedic.approvals add constraint approvals_status_check
  check (status in ('pending', 'approved', 'rejected', 'expired', 'withdrawn'));
