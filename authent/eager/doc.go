// Package eager is what a generated client and its driver agree on to load a query and its
// edges in one round trip. Generated code and drivers call it, apps do not.
//
// # The plan
//
// A query that is to load edges (WithMembers) becomes a [Tree] before its statement is
// sent. The root [Node] is the query itself; below each node are the nodes of the edges that
// it loads. A node holds the statement that Ent's own loader of the edge would send, with one
// stand-in key in the place of the keys of the parents:
//
//	SELECT "member"."id", .. FROM "member" WHERE "member"."userId" IN ($1) ORDER BY ..
//
// KeyArg is the position of the stand-in among Args, [Node.Key] the column of the parent that
// has the keys, and [Node.KeyColumn] its position among the columns that the parent's statement
// selects. [Statement.Text] is the statement, taken apart. The root's statement is not in the plan:
// it comes as the query that the driver is asked for.
//
// The plan is made by Ent's own loaders: each is called for one parent that has the stand-in
// for its id and foreign keys, and is stopped when its statement is ready. Joins through
// other tables, named edges, foreign keys that are no fields, schemas, hooks, modifiers and
// what other extensions add are in the statement because Ent put them there.
//
// # The way of a query
//
//  1. sqlAll of the query calls [Start], and [Node.Edge] for each edge. The plan is in the
//     context.
//  2. The driver is asked for the root's statement. If it knows trees, it takes the plan
//     from the context with [Take] and sends all statements together. As the rows of an edge
//     arrive it makes entities of them ([Node.MakeEntities]). Or it makes the statement of a node part
//     of that of its parents, and keeps the rows that come in theirs with [Node.SetRows].
//  3. When the query has its entities, the others are attached to them ([Attach]), and Ent's loader of the
//     edge does not run.
//
// Of some edges Ent's loader has to make the entities ([Key.Make], [Tree.Logged]). The driver keeps the result of such
// a node with [Node.SetResult]. When the loader runs, its query reaches [Start] again, which finds the
// result of the node, and the driver gives it out ([Result]) instead of sending a statement.
//
// A prepared query keeps its plan, and runs an [Tree.Instance] of it each time.
//
// Whatever has no result is loaded by Ent's loader with a statement of its own: an edge
// that could not be planned, all edges on a driver that does not know trees, and the edges
// after one whose statement failed.
package eager
