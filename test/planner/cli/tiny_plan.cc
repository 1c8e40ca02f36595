#include "test/planner/cli/tiny_plan.h"

namespace galvatron {

Plan tiny_plan() {
  const Strategy tensor{.tensor = 2, .sequence_parallel = true};
  const Strategy data{.data = 2, .zero = Zero::optimizer, .recompute = Recompute::full};
  return {.model = {.name = "tiny",
                    .sequence_length = 16,
                    .config = Gpt2Config{.vocabulary = 32,
                                         .positions = 16,
                                         .hidden = 8,
                                         .layers = 2,
                                         .heads = 2,
                                         .mlp_width = 32,
                                         .tied_embeddings = false}},
          .job = {.global_batch = 4, .precision = Precision::fp32},
          .devices = 4,
          .micro_batches = 2,
          .schedule = Schedule::one_f_one_b,
          .stages = {{0, 1}, {2, 3}},
          .strategies = {tensor, tensor, data, data},
          .predicted = {.step = {0.010},
                        .closed_form = {0.011},
                        .stages = {{.seconds_per_micro_batch = {0.002},
                                    .memory = {.parameters = 2 * kMiB, .transient = 1 * kMiB}},
                                   {.seconds_per_micro_batch = {0.003},
                                    .memory = {.parameters = 4 * kMiB}}}},
          .certificate = Certificate{.optimal = false, .lower_bound = {0.0105}, .gap = 0.05}};
}

}  // namespace galvatron
