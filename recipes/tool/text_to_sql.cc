// Text to SQL with an execution vote: the model links the question to the columns that matter,
// writes queries, and writes one that fails anew with its error in view; of the queries that run
// the results vote. Linking and repair are the first and the last stage of Xie et al. 2024
// (MAG-SQL), arXiv:2408.07930; the vote is that of Shi et al. 2022 (MBR-exec), arXiv:2204.11454.
// Departs from the paper: no decomposition into sub-questions and no summaries of tables; entities
// are linked from the short schema, in lines instead of JSON, with no example; a value of the
// database counts as matched where the question holds it, whatever the case.
#include "cairn/gather.h"
#include "cairn/prompt.h"
#include "cairn/recipe.h"
#include "cairn/sql.h"
#include "cairn/sql_schema.h"

namespace cairn::recipes {

struct TextToSql {
  int samples = 5;           // the paper: 1
  float temperature = 0.7f;  // the paper: 0.1
  int repairs = 2;           // the paper: 2
  bool link = true;          // the paper: always
};

void describe(OptionSet& set, TextToSql& o) {
  set.add("samples", o.samples, 1, 1024, "queries per problem; their results vote");
  set.add("temperature", o.temperature, 0, 2, "of each query");
  set.add("repairs", o.repairs, 0, 64,
          "times a query that fails or returns nothing is written anew");
  set.add("link", o.link, "ask first which columns of a large database matter");
}

// The columns that the model links the question's entities to.
asio::awaitable<std::vector<std::size_t>> linked(Kit& kit, const Problem& problem,
                                                 const sql::Schema& schema) {
  std::vector<Trace> begun = {Trace(std::uint64_t{1} << 32)};  // no ordinal of a query
  Proposal proposal{.temperature = 0};
  const Problem asked = sql::with_schema(problem, schema, {});
  proposal.turns = prompt_named("tool/sql_link").render(asked);
  const std::vector<Trace> links = co_await kit.policy.rollout(asked, std::move(begun), proposal);
  co_return sql::columns_named(links[0].text(), schema);
}

// One query, run; written anew while there is a complaint about it.
asio::awaitable<Trace> query(Kit& kit, const Problem& asked, TextToSql opt, int sample) {
  Proposal proposal{.temperature = opt.temperature, .stop = {sql::kFence}};
  for (int attempt = 0;; ++attempt) {
    std::vector<Trace> begun = {Trace(static_cast<std::uint64_t>(attempt * opt.samples + sample))};
    std::vector<Trace> written = co_await kit.policy.rollout(asked, std::move(begun), proposal);
    Trace trace = co_await sql::executed(kit, asked, std::move(written[0]));
    const bool ran = trace.depth() > 0 && trace.last().tool;
    const std::string complaint = ran ? sql::complaint(*trace.last().tool) : "";
    if (complaint.empty() || attempt == opt.repairs) co_return trace;
    const Parts parts = {{"query", sql::query_of(trace.parent().text())}, {"error", complaint}};
    proposal.turns = prompt_named("tool/sql_repair").render(asked, parts);
  }
}

asio::awaitable<Outcome> text_to_sql(Kit& kit, const Problem& problem, TextToSql opt) {
  const sql::Schema schema = co_await sql::read_schema(kit, problem);
  std::vector<std::size_t> columns;
  if (sql::is_small(schema)) columns = sql::all_columns(schema);
  if (columns.empty() && opt.link) columns = co_await linked(kit, problem, schema);
  const Problem asked = sql::with_schema(problem, schema, columns);
  std::vector<asio::awaitable<Trace>> queries;
  for (int i = 0; i < opt.samples; ++i) queries.push_back(query(kit, asked, opt, i));
  const std::vector<Trace> traces = co_await gather<Trace>(std::move(queries));
  co_return sql::majority(traces, problem);
}

Recipe text_to_sql_recipe() {
  return bind<TextToSql>({.name = "text_to_sql",
                          .family = "tool",
                          .summary = "The model writes queries; what they return votes.",
                          .paper = "Xie et al. 2024, arXiv:2408.07930",
                          .status = "tested",
                          .tools = true},
                         text_to_sql);
}

}  // namespace cairn::recipes
