// One line per method, sorted by name: the list that everything else is made from.
#include "cairn/recipe.h"

namespace cairn {

namespace recipes {
Recipe ab_mcts_recipe();
Recipe adaptive_consistency_recipe();
Recipe alphamath_sbs_recipe();
Recipe auto_recipe();
Recipe beam_recipe();
Recipe best_first_recipe();
Recipe best_of_n_recipe();
Recipe budget_forcing_recipe();
Recipe complexity_vote_recipe();
Recipe cot_recipe();
Recipe critic_revise_recipe();
Recipe dvts_recipe();
Recipe dynamic_program_recipe();
Recipe fk_steering_recipe();
Recipe glore_recipe();
Recipe graph_verify_recipe();
Recipe mcts_recipe();
Recipe mutual_consistency_recipe();
Recipe natural_program_recipe();
Recipe pal_recipe();
Recipe particles_recipe();
Recipe program_of_thought_recipe();
Recipe rap_recipe();
Recipe self_consistency_recipe();
Recipe spec_reason_recipe();
Recipe subthought_vote_recipe();
Recipe text_to_sql_recipe();
Recipe tree_of_thoughts_recipe();
Recipe value_beam_recipe();
Recipe verifier_vote_recipe();
}  // namespace recipes

const std::vector<Recipe>& catalog() {
  static const std::vector<Recipe> all = {
      recipes::ab_mcts_recipe(),
      recipes::adaptive_consistency_recipe(),
      recipes::alphamath_sbs_recipe(),
      recipes::auto_recipe(),
      recipes::beam_recipe(),
      recipes::best_first_recipe(),
      recipes::best_of_n_recipe(),
      recipes::budget_forcing_recipe(),
      recipes::complexity_vote_recipe(),
      recipes::cot_recipe(),
      recipes::critic_revise_recipe(),
      recipes::dvts_recipe(),
      recipes::dynamic_program_recipe(),
      recipes::fk_steering_recipe(),
      recipes::glore_recipe(),
      recipes::graph_verify_recipe(),
      recipes::mcts_recipe(),
      recipes::mutual_consistency_recipe(),
      recipes::natural_program_recipe(),
      recipes::pal_recipe(),
      recipes::particles_recipe(),
      recipes::program_of_thought_recipe(),
      recipes::rap_recipe(),
      recipes::self_consistency_recipe(),
      recipes::spec_reason_recipe(),
      recipes::subthought_vote_recipe(),
      recipes::text_to_sql_recipe(),
      recipes::tree_of_thoughts_recipe(),
      recipes::value_beam_recipe(),
      recipes::verifier_vote_recipe(),
  };
  return all;
}

}  // namespace cairn
