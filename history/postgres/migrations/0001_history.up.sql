-- +goose Up
-- All of this is made in the schema that search_path names first: SET search_path = amends, pg_temp. The function keeps
-- that path, so that it works whatever path its caller has.

CREATE TABLE migrations (
	version integer NOT NULL PRIMARY KEY,
	name    text    NOT NULL COLLATE "C"
);

CREATE TABLE records (
	position bigint      NOT NULL PRIMARY KEY,
	stream   uuid        NOT NULL,
	sequence bigint      NOT NULL, -- 1, 2, …
	id       uuid        NOT NULL,
	time     timestamptz NOT NULL,
	type     text        NOT NULL COLLATE "C",
	actor    text        NOT NULL COLLATE "C",
	hash     bytea       NOT NULL, -- 32 bytes
	seal     bytea,                -- 32 bytes, null if there never was anything private
	data     bytea       NOT NULL,
	salt     bytea,                -- null if there is nothing private, or it was erased
	private  bytea                 -- as salt
);

CREATE UNIQUE INDEX records_stream ON records (stream, sequence);

CREATE TABLE heads (
	stream   uuid        NOT NULL PRIMARY KEY,
	kind     text        NOT NULL COLLATE "C",
	sequence bigint      NOT NULL, -- of the last record, 0 if there is none
	hash     bytea       NOT NULL, -- of the last record
	time     timestamptz NOT NULL, -- of the last record
	open     boolean     NOT NULL,
	due      timestamptz,          -- null if nothing is due
	keys     text[]      NOT NULL COLLATE "C", -- sorted
	state    bytea       NOT NULL
) WITH (fillfactor = 80); -- room for the next version of a head beside this one

CREATE INDEX heads_kind ON heads (kind, stream);

CREATE INDEX heads_open ON heads (stream, kind) WHERE open;

CREATE INDEX heads_due ON heads (due, stream) WHERE due IS NOT NULL;

CREATE TABLE keys (
	key    text NOT NULL COLLATE "C",
	stream uuid NOT NULL,
	PRIMARY KEY (key, stream)
);

CREATE TABLE commits (
	key     text    NOT NULL COLLATE "C" PRIMARY KEY,
	digest  bytea   NOT NULL, -- 32 bytes
	streams uuid[]  NOT NULL, -- of the batches, in their order
	records integer NOT NULL, -- how many
	first   bigint  NOT NULL  -- position of the first one, 0 if there is none
);

CREATE TABLE bookmarks (
	name     text   NOT NULL COLLATE "C" PRIMARY KEY,
	position bigint NOT NULL
) WITH (fillfactor = 50);

-- The position of the last record, in the one row there is. Who appends records holds it until the transaction ends.
CREATE TABLE feed (
	one  boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (one),
	last bigint  NOT NULL
) WITH (fillfactor = 10);

INSERT INTO feed (last) VALUES (0);

-- append writes a commit. If the key is stored already it writes nothing and returns what is stored (replayed). If a stream
-- is not where the commit expects it, it writes nothing and says so: in refusal if nothing was written yet, else by raising
-- AM002. It raises AM001 if another transaction has stored the key meanwhile: call it again.
-- Heads (h_…) come sorted by stream, so that commits meet in one order; the keys of head i are the next h_keys[i] of
-- all_keys. Records (r_…) come in the order of batches.
-- +goose StatementBegin
CREATE FUNCTION append(
	commit_key text, commit_digest bytea, commit_streams uuid[], erasing boolean, patience text,
	h_stream uuid[], h_expect bigint[], h_prev bytea[], h_kind text[], h_sequence bigint[], h_hash bytea[],
	h_time timestamptz[], h_open boolean[], h_due timestamptz[], h_state bytea[], h_keys integer[], all_keys text[],
	r_stream uuid[], r_sequence bigint[], r_id uuid[], r_time timestamptz[], r_type text[], r_actor text[],
	r_hash bytea[], r_seal bytea[], r_data bytea[], r_salt bytea[], r_private bytea[],
	OUT replayed boolean, OUT was_digest bytea, OUT was_streams uuid[], OUT was_records integer, OUT was_first bigint,
	OUT refusal text
) LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT SET lock_timeout = 0 AS $$
DECLARE
	seen integer := 0;
	new_keys text[];
	was record;
	base bigint := 0;
	n integer := cardinality(r_stream);
BEGIN
	PERFORM set_config('lock_timeout', patience, true); -- until the function ends, since it has a SET for it
	SELECT c.digest, c.streams, c.records, c.first INTO was_digest, was_streams, was_records, was_first
		FROM commits c WHERE c.key = commit_key;
	replayed := FOUND;
	IF replayed THEN
		RETURN;
	END IF;

	FOR i IN 1 .. cardinality(h_stream) LOOP
		new_keys := all_keys[seen + 1 : seen + h_keys[i]];
		seen := seen + h_keys[i];
		IF h_expect[i] = 0 THEN -- most likely a new stream
			INSERT INTO heads (stream, kind, sequence, hash, time, open, due, keys, state)
				VALUES (h_stream[i], h_kind[i], h_sequence[i], h_hash[i], h_time[i], h_open[i], h_due[i], new_keys, h_state[i])
				ON CONFLICT (stream) DO NOTHING;
			IF FOUND THEN
				INSERT INTO keys (key, stream) SELECT k, h_stream[i] FROM unnest(new_keys) k;
				CONTINUE;
			END IF;
		ELSE -- most likely with the keys that it has
			UPDATE heads h SET kind = h_kind[i], sequence = h_sequence[i], hash = h_hash[i], time = h_time[i],
				open = h_open[i], due = h_due[i], state = h_state[i]
				WHERE h.stream = h_stream[i] AND h.sequence = h_expect[i] AND h.hash = h_prev[i] AND h.keys = new_keys;
			CONTINUE WHEN FOUND;
		END IF;

		SELECT h.sequence, h.hash, h.keys INTO was FROM heads h WHERE h.stream = h_stream[i] FOR UPDATE;
		IF NOT FOUND OR was.sequence <> h_expect[i] OR was.hash <> h_prev[i] THEN
			PERFORM FROM commits c WHERE c.key = commit_key;
			IF FOUND THEN -- this very commit was faster
				RAISE EXCEPTION 'key is stored meanwhile' USING ERRCODE = 'AM001';
			END IF;
			IF coalesce(was.sequence, 0) <> h_expect[i] THEN
				refusal := format('stream %s: at %s, expected %s', h_stream[i], coalesce(was.sequence, 0), h_expect[i]);
			ELSE
				refusal := format('stream %s: at %s as expected, but with another past: hash %s, expected %s',
					h_stream[i], was.sequence, encode(was.hash, 'hex'), encode(h_prev[i], 'hex'));
			END IF;
			IF i = 1 THEN
				RETURN;
			END IF;
			RAISE EXCEPTION '%', refusal USING ERRCODE = 'AM002';
		END IF;
		UPDATE heads h SET kind = h_kind[i], sequence = h_sequence[i], hash = h_hash[i], time = h_time[i],
			open = h_open[i], due = h_due[i], keys = new_keys, state = h_state[i]
			WHERE h.stream = h_stream[i];
		DELETE FROM keys k WHERE k.stream = h_stream[i]
			AND k.key = ANY (ARRAY(SELECT unnest(was.keys) EXCEPT SELECT unnest(new_keys)));
		INSERT INTO keys (key, stream)
			SELECT k, h_stream[i] FROM (SELECT unnest(new_keys) EXCEPT SELECT unnest(was.keys)) added (k);
	END LOOP;

	IF erasing THEN
		UPDATE records r SET salt = NULL, private = NULL
			FROM unnest(h_stream, h_expect) AS b (stream, expect)
			WHERE r.stream = b.stream AND r.sequence <= b.expect AND r.private IS NOT NULL;
	END IF;

	IF n > 0 THEN
		-- From here on nobody else appends until the transaction ends.
		UPDATE feed SET last = last + n RETURNING last - n INTO STRICT base;
		INSERT INTO records (position, stream, sequence, id, time, type, actor, hash, seal, data, salt, private)
			SELECT base + r.n, r.stream, r.sequence, r.id, r.time, r.type, r.actor, r.hash, r.seal, r.data, r.salt, r.private
			FROM unnest(r_stream, r_sequence, r_id, r_time, r_type, r_actor, r_hash, r_seal, r_data, r_salt, r_private)
				WITH ORDINALITY AS r (stream, sequence, id, time, type, actor, hash, seal, data, salt, private, n);
		was_first := base + 1;
	ELSE
		was_first := 0;
	END IF;
	was_records := n;
	INSERT INTO commits (key, digest, streams, records, first)
		VALUES (commit_key, commit_digest, commit_streams, n, was_first) ON CONFLICT (key) DO NOTHING;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'key is stored meanwhile' USING ERRCODE = 'AM001';
	END IF;
END
$$;
-- +goose StatementEnd

INSERT INTO migrations (version, name) VALUES (1, '0001_history');
