CREATE TABLE store (
  origin TEXT NOT NULL PRIMARY KEY,
  stream TEXT NOT NULL UNIQUE,
  created_us INTEGER NOT NULL,
  schema INTEGER NOT NULL
) STRICT;
CREATE TABLE event (
  action TEXT,
  action_id TEXT,
  after_hash TEXT,
  agent_id TEXT NOT NULL,
  agent_version TEXT,
  amount_minor INTEGER,
  approval_decided_us INTEGER,
  approval_decision TEXT,
  approval_due_us INTEGER,
  approval_id TEXT,
  approval_requested_us INTEGER,
  approval_view_hash TEXT,
  approved_args_hash TEXT,
  approver_id TEXT,
  approver_role TEXT,
  args_hash TEXT,
  before_hash TEXT,
  confidence_ppm INTEGER,
  currency TEXT,
  data_class TEXT,
  delegation_depth INTEGER,
  duration_us INTEGER,
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
  notice_shown INTEGER,
  occurred_us INTEGER NOT NULL,
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
  recorded_us INTEGER NOT NULL,
  ref_id TEXT,
  ref_kind TEXT,
  resource TEXT,
  reversible TEXT,
  run_id TEXT,
  score_ppm INTEGER,
  seq INTEGER NOT NULL PRIMARY KEY,
  session_id TEXT,
  severity TEXT,
  shadow INTEGER,
  source_format TEXT NOT NULL,
  source_grade TEXT NOT NULL,
  source_ref TEXT,
  stream TEXT NOT NULL,
  subject TEXT,
  target_system TEXT,
  temperature_milli INTEGER,
  tenant_id TEXT,
  tier TEXT,
  tokens_in INTEGER,
  tokens_out INTEGER,
  tool TEXT,
  tool_hash TEXT,
  trace_id TEXT,
  trigger TEXT,
  user_id TEXT,
  user_role TEXT,
  verdict TEXT
) STRICT;
CREATE TABLE payload (
  id TEXT NOT NULL PRIMARY KEY,
  salt TEXT,
  content TEXT,
  erased_us INTEGER
) STRICT;
CREATE TABLE segment (
  stream TEXT NOT NULL,
  first_seq INTEGER NOT NULL,
  root TEXT NOT NULL,
  from_us INTEGER NOT NULL,
  to_us INTEGER NOT NULL,
  PRIMARY KEY (stream, first_seq)
) STRICT;
CREATE TABLE checkpoint (
  stream TEXT NOT NULL,
  size INTEGER NOT NULL,
  note TEXT NOT NULL,
  timestamp_token TEXT,
  PRIMARY KEY (stream, size)
) STRICT;
CREATE UNIQUE INDEX event_event_id ON event (event_id);
CREATE INDEX event_action_id ON event (action_id) WHERE action_id IS NOT NULL;
CREATE INDEX event_approval_id ON event (approval_id) WHERE approval_id IS NOT NULL;
CREATE INDEX event_ref_id ON event (ref_id) WHERE ref_id IS NOT NULL;
CREATE INDEX event_run_id ON event (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX event_session_id ON event (session_id) WHERE session_id IS NOT NULL;
CREATE TRIGGER event_append BEFORE INSERT ON event BEGIN
  SELECT RAISE(ABORT, 'event: seq is not the last one plus 1')
    WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), -1) + 1 FROM event);
  SELECT RAISE(ABORT, 'event: recorded_us is below the last one')
    WHERE NEW.recorded_us < (SELECT recorded_us FROM event
      WHERE seq = NEW.seq - 1);
  SELECT RAISE(ABORT, 'event: prev_hash is not the leaf of the row before')
    WHERE NEW.prev_hash IS NOT exhibit_prev_hash(NEW.seq);
END;
CREATE TRIGGER event_update BEFORE UPDATE ON event BEGIN
  SELECT RAISE(ABORT, 'event: append-only'); END;
CREATE TRIGGER event_delete BEFORE DELETE ON event BEGIN
  SELECT RAISE(ABORT, 'event: append-only'); END;
CREATE TRIGGER store_insert BEFORE INSERT ON store
  WHEN (SELECT count(*) FROM store) > 0 BEGIN
  SELECT RAISE(ABORT, 'store: a file holds one stream'); END;
CREATE TRIGGER store_update BEFORE UPDATE ON store BEGIN
  SELECT RAISE(ABORT, 'store: append-only'); END;
CREATE TRIGGER store_delete BEFORE DELETE ON store BEGIN
  SELECT RAISE(ABORT, 'store: append-only'); END;
CREATE TRIGGER segment_update BEFORE UPDATE ON segment BEGIN
  SELECT RAISE(ABORT, 'segment: append-only'); END;
CREATE TRIGGER segment_delete BEFORE DELETE ON segment BEGIN
  SELECT RAISE(ABORT, 'segment: append-only'); END;
CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint
  WHEN NOT (OLD.timestamp_token IS NULL AND NEW.stream IS OLD.stream
    AND NEW.size IS OLD.size AND NEW.note IS OLD.note) BEGIN
  SELECT RAISE(ABORT, 'checkpoint: append-only'); END;
CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint BEGIN
  SELECT RAISE(ABORT, 'checkpoint: append-only'); END;
CREATE TRIGGER payload_update BEFORE UPDATE ON payload
  WHEN NOT (OLD.erased_us IS NULL AND NEW.erased_us IS NOT NULL
    AND NEW.id IS OLD.id AND NEW.salt IS NULL AND NEW.content IS NULL)
  BEGIN SELECT RAISE(ABORT, 'payload: may only be erased'); END;
CREATE TRIGGER payload_delete BEFORE DELETE ON payload BEGIN
  SELECT RAISE(ABORT, 'payload: may only be erased'); END;
