// The constants of the cost model that was published with Galvatron (Miao et al., "Galvatron:
// Efficient Transformer Training over Multiple GPUs Using Automatic Parallelism", PVLDB 16(3),
// 2022): measured on one node, for four models, in fp32. Only models it has constants for can be
// priced.
//
// MiB and milliseconds are real numbers here, as published; what is made of them are Bytes and
// Seconds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cost_models/named_values.h"

namespace galvatron {

enum class PublishedLayerKind { encoder, decoder };  // a decoder layer attends twice

// How many micro-batches a pipeline runs, by the samples of a data rank; one rule per model.
enum class MicroBatchRule { bert, vit, t5, swin };

inline constexpr NamedValues<PublishedLayerKind, 2> kPublishedLayerKindNames{
    {{PublishedLayerKind::encoder, "encoder"}, {PublishedLayerKind::decoder, "decoder"}}};
inline constexpr NamedValues<MicroBatchRule, 4> kMicroBatchRuleNames{
    {{MicroBatchRule::bert, "bert"},
     {MicroBatchRule::vit, "vit"},
     {MicroBatchRule::t5, "t5"},
     {MicroBatchRule::swin, "swin"}}};

// Milliseconds per MiB of a ring's volume, 2(n-1)/n x payload, in a pipeline of so many stages.
// A group that is its whole stage is of consecutive ranks.
struct RingTime {
  int pipeline = 1;
  int ranks = 1;
  double consecutive = 0;
  std::optional<double> strided{};

  bool operator==(const RingTime&) const = default;
};

// `count` equal layers.
struct PublishedLayer {
  PublishedLayerKind kind = PublishedLayerKind::encoder;
  int count = 1;
  double parameters_mib = 0;
  double forward_ms = 0;  // per sample, the whole layer on one device
  std::int64_t tokens = 0;
  std::int64_t hidden = 0;
  std::map<int, double> activation_mib{};  // per sample on one device, by tensor degree

  bool operator==(const PublishedLayer&) const = default;
};

struct PublishedModel {
  std::string name{};
  std::string origin{};
  MicroBatchRule micro_batches = MicroBatchRule::bert;
  double overhead_ms = 0;           // per step of the measured layers, under data parallelism
  double other_states_mib = 0;      // embedding and head
  double other_activation_mib = 0;  // per sample
  std::vector<PublishedLayer> layers{};

  bool operator==(const PublishedModel&) const = default;
};

struct PublishedCosts {
  std::string origin{};
  double context_mib = 0;
  double backward_over_forward = 2;
  double compute_slowdown = 1;  // while a device computes and communicates at once
  double traffic_slowdown = 1;
  double gathered_share = 0;  // of a sharded layer's states, held gathered
  double time_factor = 1;     // of every layer's time
  double unsharding_ms = 0;   // where a layer without ZeRO 3 follows one with it
  int measured_layers = 1;    // that overhead_ms is spread over
  std::vector<RingTime> ring_ms_per_mib{};
  std::vector<PublishedModel> models{};

  bool operator==(const PublishedCosts&) const = default;
};

}  // namespace galvatron
