// Package riverqueue has River (github.com/riverqueue/river), a job queue in PostgreSQL, keep the time of a desk's cases,
// for hosts that have it already. Other hosts use [recovery.Desk.Run].
//
// # How it works
//
// A [Store] wraps a [postgres.Store]. When it writes a case that something is due on (a warning, a breach, a promise, an
// offer that lapses), it inserts a job in the same transaction: a [Wake], scheduled at that instant. A worker of
// River's then calls [recovery.Desk.Settle], which records what is due, and inserts the next Wake with it:
//
//	cases, err := postgres.New(ctx, pool, nil)
//	store, err := riverqueue.NewStore(ctx, cases, nil)
//	desk, err := recovery.New(store, &recovery.Options{Policy: rules, Agreement: agreement})
//	workers := river.NewWorkers()
//	err = riverqueue.AddWorkers(workers, desk)
//	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
//		Queues:       map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 100}},
//		Workers:      workers,
//		PeriodicJobs: []*river.PeriodicJob{riverqueue.SweepEvery(5*time.Minute, nil)},
//	})
//	err = client.Start(ctx)
//
// River's tables are the host's to make, by River's own migrations (package rivermigrate, or its command), in the same
// database; NewStore fails where they are not. When the program ends, stop the client first, then close the postgres.Store and then the
// pool: the package's example is a whole main. The store inserts by itself, so that it needs no client that works, and
// that one can be made last.
//
// What is true stands with the cases, and River only wakes. A Wake carries the case and the instant at which it was due. A
// pause, its end, an extension or another commitment moves that instant, and inserts another Wake; the older one
// finds nothing to do. Jobs that come twice, on any number of machines, record nothing twice. A Wake that is lost, since
// somebody deleted it, or gave up after its last attempt, or was never there, since the case was written through another
// store, is made good by the [Sweep], which settles all that is due: every five minutes, in the example. So a host with
// cases turns to River, or away from it, without any migration.
//
// A program that is killed at work leaves jobs that River holds to be running until its rescuer comes, after
// river.Config.RescueStuckJobsAfter, an hour by default. Their cases wait for the next sweep at most, and the rescued jobs
// find nothing to do. The tests kill workers at each message that an append sends, and find each threshold of each clock
// recorded once.
//
// The host's own rows commit together with the case and its Wake by [Store.Transact], or by [Store.In] and [Store.InSQL] in a
// transaction that the host has begun, in pgx or in database/sql. Commands on a case that pay no heed to River's tables, as
// those of a desk on the postgres.Store itself, are safe too, and wait for the sweep. One River (a schema of its tables)
// serves one store: tenants with a schema each set river.Config.Schema, and Options.Client to a client with the same that
// only inserts, as the example of NewStore shows.
//
// # Which to choose
//
// Both record the same events, stamped with the instants at which they were due, however late that is noticed.
//
//	                         Desk.Run                                    River
//	needs                    nothing                                     its tables, a client, a queue
//	a command costs          one statement                               a transaction of five or six, if it leaves the case due
//	late, as a rule          until the tick that it wakes for is done    up to FetchPollInterval (1s); for what is due within 5s
//	                                                                     of the command, up to 5s more: so often River looks
//	many machines            each ticks, and takes shares of the work    jobs are shared out, each case to one worker
//	throughput               about fifty cases in a commit               MaxWorkers, fetched once in a FetchCooldown (100ms) at most,
//	                                                                     and a commit for each case
//	a case that can't be     logged, and tried again at the next tick    tried again with growing pauses, seen in River's UI,
//	settled                                                              discarded after MaxAttempts (the sweep goes on trying)
//	the database is away     each tick fails, is logged, and tried       River tries to connect again; jobs that were at work are
//	                         again within Options.Poll                   tried again, by the rescuer after an hour at most
//	while it is away for     nothing is lost: all is recorded            the same: jobs stand in the same database, and come
//	long                     afterwards, the longest due first           back with it, from the same backup too
//	its clock is wrong       what is due is judged by the earlier of     the same; a job that comes too early by that clock
//	                         the desk's and the database's clock         is put off until then
//	the queue is paused      does not apply                              nothing is recorded until it goes on, sweeps included; then all
//	a program is killed      another ticks; it has left nothing behind   the sweep settles the cases of its jobs; another client
//	                                                                     takes over as River's leader within some 20 seconds
//	jobs are deleted         does not apply                              the sweep records what is due, late by its interval at most
//
// Choose River if the host runs it anyway, and wants to see each timer and its failures in River's UI. Choose Run where there is
// no River: it is less late, settles more in a second, costs nothing on commands, and has nothing to keep. They may run side by side.
//
// A command on a case settles what is due on it by itself, in the same commit, and so does not wait for either.
//
// # Measured
//
// On two shared, busy cores, the server on the same machine and with fsync; what counts is how the columns compare. The
// benchmarks of this package measure it again.
//
//	                                                        Desk.Run    River
//	opening a case, one at a time                           0.7 ms      1.7 ms
//	recorded after its instant, of 300 within 15 seconds    3 ms        524 ms     median
//	                                                        20 ms       1104 ms    99 %
//	the same with FetchPollInterval 100ms                               60 ms      median
//	                                                                    114 ms     99 %
//	cases settled in a second, 1,500 that were due before   2,200                  4 ticks side by side
//	                                                                    40         MaxWorkers 4, FetchCooldown 100ms
//	                                                                    282        MaxWorkers 4, FetchCooldown 5ms
//	                                                                    285        MaxWorkers 100, FetchCooldown 100ms
//	idle for a minute, of a core, with 100,000 open cases   0.03 %      0.48 %     the program
//	and as many scheduled jobs                              0.05 %      0.33 %     the database server (0.18 % with neither)
//	the same with recovery.Options.Poll 1s                  0.09 %                 the program
//	                                                        0.15 %                 the database server
package riverqueue
