CREATE TABLE store (
  origin TEXT NOT NULL,
  stream TEXT NOT NULL UNIQUE,
  created_us BIGINT NOT NULL,
  schema BIGINT NOT NULL,
  PRIMARY KEY (origin)
);
CREATE TABLE event (
  action TEXT,
  action_id TEXT,
  after_hash TEXT,
  agent_id TEXT NOT NULL,
  agent_version TEXT,
  amount_minor BIGINT,
  approval_decided_us BIGINT,
  approval_decision TEXT,
  approval_due_us BIGINT,
  approval_id TEXT,
  approval_requested_us BIGINT,
  approval_view_hash TEXT,
  approved_args_hash TEXT,
  approver_id TEXT,
  approver_role TEXT,
  args_hash TEXT,
  before_hash TEXT,
  confidence_ppm BIGINT,
  currency TEXT,
  data_class TEXT,
  delegation_depth BIGINT,
  duration_us BIGINT,
  environment TEXT,
  error_type TEXT,
  event_id TEXT NOT NULL,
  event_type TEXT NOT NULL,
  ext TEXT,
  identity TEXT,
  identity_proof TEXT,
  initiator_id TEXT,
  initiator_kind TEXT,
  input_hash TEXT,
  model_id TEXT,
  model_provider TEXT,
  model_version TEXT,
  notice_shown BIGINT,
  occurred_us BIGINT NOT NULL,
  outcome TEXT,
  output_hash TEXT,
  params_hash TEXT,
  parent_action_id TEXT,
  permission TEXT,
  policy_hash TEXT,
  policy_id TEXT,
  policy_rule TEXT,
  policy_version TEXT,
  prev_hash TEXT NOT NULL,
  prompt_hash TEXT,
  prompt_id TEXT,
  prompt_version TEXT,
  rationale_hash TEXT,
  reason TEXT,
  recorded_us BIGINT NOT NULL,
  ref_id TEXT,
  ref_kind TEXT,
  resource TEXT,
  reversible TEXT,
  run_id TEXT,
  score_ppm BIGINT,
  seq BIGINT NOT NULL,
  session_id TEXT,
  severity TEXT,
  shadow BIGINT,
  source_format TEXT NOT NULL,
  source_grade TEXT NOT NULL,
  source_ref TEXT,
  stream TEXT NOT NULL,
  subject TEXT,
  target_system TEXT,
  temperature_milli BIGINT,
  tenant_id TEXT,
  tier TEXT,
  tokens_in BIGINT,
  tokens_out BIGINT,
  tool TEXT,
  tool_hash TEXT,
  trace_id TEXT,
  trigger TEXT,
  user_id TEXT,
  user_role TEXT,
  verdict TEXT,
  PRIMARY KEY (stream, seq),
  UNIQUE (stream, event_id)
);
CREATE TABLE payload (
  id TEXT NOT NULL,
  salt TEXT,
  content TEXT,
  erased_us BIGINT,
  PRIMARY KEY (id)
);
CREATE TABLE segment (
  stream TEXT NOT NULL,
  first_seq BIGINT NOT NULL,
  root TEXT NOT NULL,
  from_us BIGINT NOT NULL,
  to_us BIGINT NOT NULL,
  PRIMARY KEY (stream, first_seq)
);
CREATE TABLE checkpoint (
  stream TEXT NOT NULL,
  size BIGINT NOT NULL,
  note TEXT NOT NULL,
  timestamp_token TEXT,
  PRIMARY KEY (stream, size)
);
CREATE INDEX event_action_id ON event (action_id) WHERE action_id IS NOT NULL;
CREATE INDEX event_approval_id ON event (approval_id) WHERE approval_id IS NOT NULL;
CREATE INDEX event_ref_id ON event (ref_id) WHERE ref_id IS NOT NULL;
CREATE INDEX event_run_id ON event (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX event_session_id ON event (session_id) WHERE session_id IS NOT NULL;
CREATE FUNCTION exhibit_append() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last event%ROWTYPE;
  genesis text := encode(sha256(convert_to('exhibit-audit-store/1' || E'\n'
    || (SELECT origin FROM store s WHERE s.stream = NEW.stream) || E'\n',
    'UTF8')), 'hex');
BEGIN
  SELECT * INTO last FROM event e WHERE e.stream = NEW.stream
    ORDER BY e.seq DESC LIMIT 1;
  IF NEW.seq <> coalesce(last.seq, -1) + 1 THEN
    RAISE EXCEPTION 'event: seq is not the last one plus 1'; END IF;
  IF NEW.recorded_us < last.recorded_us THEN
    RAISE EXCEPTION 'event: recorded_us is below the last one'; END IF;
  IF NEW.prev_hash IS DISTINCT FROM (CASE WHEN last.seq IS NULL THEN genesis
    ELSE encode(sha256('\x00'::bytea || convert_to(json_strip_nulls(
      row_to_json(last))::text, 'UTF8')), 'hex') END) THEN
    RAISE EXCEPTION 'event: prev_hash is not the leaf of the row before';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION exhibit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%: append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER event_append BEFORE INSERT ON event FOR EACH ROW
  EXECUTE FUNCTION exhibit_append();
CREATE TRIGGER event_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON event
  EXECUTE FUNCTION exhibit_refuse();
CREATE TRIGGER segment_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON segment
  EXECUTE FUNCTION exhibit_refuse();
