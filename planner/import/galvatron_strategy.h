// Hetu-Galvatron's strategy file (galvatron_config_*.json) and our plan, each from the other.
//
//   pp_deg, pp_division "16,16"     stages, and blocks of each; without, as many of each
//   tp_sizes_enc "2,2,4"            tensor degree by block; the data degree follows
//   tp_consecutive_flags "1,1,0"    tensor groups of neighbouring ranks, or data groups
//   dp_types_enc "0,0,1"            0: default_dp_type (ddp, zero2, zero3), 1: zero3
//   checkpoint "0,0,1"              full recomputation
//   vtp, embed_sdp                  of embedding and head: tensor degree, zero3
//   global_bsz, chunks, pipeline_type (gpipe, pipedream_flush)
//   use_sp, vsp, cp_sizes_enc, vcp  Ulysses' and context parallelism, of which plans have none
// It says nothing of Megatron's sequence parallelism: plans read from it have none.
#pragma once

#include <string>

#include "planner/files/source.h"
#include "planner/plan/plan.h"

namespace galvatron {

// For this model on so many devices, not priced. Throws SpecError with everything that is wrong:
// what our plans do not have (Ulysses, use_sp) is refused by name.
struct StrategyTarget {
  Model model{};
  int devices = 1;
  Precision precision = Precision::bf16;
};
Plan read_galvatron_strategy(Source source, const StrategyTarget& target);

// Throws std::invalid_argument at what the file cannot say: ZeRO 1, selective recomputation,
// stages of the ends with other blocks, sequence parallelism, what is priced only.
std::string galvatron_strategy(const Plan& plan);

}  // namespace galvatron
