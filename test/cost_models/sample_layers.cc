#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

void halve(Seconds& time) { time = time / 2; }

void quicken(Link& link) {
  halve(link.latency.base);
  halve(link.latency.per_rank);
  for (auto* rate : {&link.rate_per_device, &link.rate_per_node}) {
    if (*rate) **rate = **rate * 2;
  }
  for (auto* bus : {&link.bus, &link.strided_bus}) {
    for (auto& [ranks, rate] : *bus) rate = rate * 2;
  }
}

Parameter vector_parameter(const char* name, std::int64_t size) {
  return {.name = name, .shape = {size}, .token_local = true};
}

Parameter table(std::int64_t vocabulary, std::int64_t hidden) {
  return {.name = "table",
          .shape = {vocabulary, hidden},
          .split_dimension = 0,
          .pads = true,
          .tied_table = "table"};
}

}  // namespace

Hardware a100(int nodes) {
  const ProductLaw law{.ceiling = 0.767,
                       .half_depth = 131,
                       .wave_exponent = 0.63,
                       .misaligned = 0.33,
                       .misaligned_batched = 0.10,
                       .launch = {4e-6}};
  Hardware hardware{.name = "a100", .nodes = nodes, .devices_per_node = 8};
  Device& device = hardware.device;
  device.memory = 80 * kGiB;
  device.memory_rate = {2e12};
  device.stream_launch = {3e-6};
  device.multiprocessors = 108;
  device.peak[Precision::bf16] = FlopsPerSecond{312e12};
  device.product[Precision::bf16] = law;
  device.attention = {.forward_ceiling = 0.65,
                      .forward_half_waves = 1.7,
                      .backward_ceiling = 0.52,
                      .backward_half_waves = 0.6};
  hardware.intra_node = {.rate_per_device = BytesPerSecond{300e9},
                         .efficiency = 2.0 / 3,
                         .latency = {.base = {34e-6}, .per_rank = {5.5e-6}},
                         .bus = {{2, {193e9}}, {4, {218e9}}, {8, {227e9}}}};
  hardware.inter_node = {.rate_per_device = BytesPerSecond{25e9},
                         .efficiency = 0.8,
                         .collective_efficiency = 0.8,
                         .latency = {.base = {30e-6}, .per_rank = {6e-6}}};
  hardware.overlap = {.compute_slowdown = 1.25, .traffic_slowdown = 1};
  return hardware;
}

Cluster a100_cluster(int stages, int devices_per_stage) {
  const int devices = stages * devices_per_stage;
  return {.hardware = a100(devices > 8 ? devices / 8 : 1),
          .stages = stages,
          .devices_per_stage = devices_per_stage};
}

Hardware twice_as_fast(Hardware hardware) {
  Device& device = hardware.device;
  device.memory_rate = device.memory_rate * 2;
  halve(device.stream_launch);
  for (const auto& [precision, name] : kPrecisionNames) {
    if (device.peak[precision]) *device.peak[precision] = *device.peak[precision] * 2;
    if (device.product[precision]) halve(device.product[precision]->launch);
  }
  quicken(hardware.intra_node);
  quicken(hardware.inter_node);
  return hardware;
}

Layer gpt_block(std::int64_t hidden, std::int64_t heads, std::int64_t sequence) {
  using Split = Product::Split;
  const double h = static_cast<double>(hidden);
  Layer layer{.type = "block", .tokens_per_sample = sequence, .hidden = hidden};
  layer.parameters = {
      vector_parameter("norm 1", 2 * hidden),
      {.name = "qkv", .shape = {hidden, 3 * hidden}, .split_dimension = 1, .parts = 3},
      {.name = "projection", .shape = {hidden, hidden}, .split_dimension = 0},
      vector_parameter("norm 2", 2 * hidden),
      {.name = "up", .shape = {hidden, 4 * hidden}, .split_dimension = 1},
      {.name = "down", .shape = {4 * hidden, hidden}, .split_dimension = 0}};
  layer.products = {{Split::column, "qkv", hidden, 3 * hidden},
                    {Split::row, "projection", hidden, hidden},
                    {Split::column, "up", hidden, 4 * hidden},
                    {Split::row, "down", 4 * hidden, hidden}};
  layer.attentions = {{.heads = heads, .key_value_heads = heads, .head_size = hidden / heads}};
  // Bytes per token in 16 bit: norm 4 h and 8 h, bias-dropout-add 7 h and 5 h, GeLU 4 f and 6 f.
  layer.streams = {{"norm 1", 2 * h, 4 * h, Spread::sequence, true},
                   {"bias, dropout, add 1", 3.5 * h, 2.5 * h, Spread::sequence},
                   {"norm 2", 2 * h, 4 * h, Spread::sequence, true},
                   {"bias, dropout, add 2", 3.5 * h, 2.5 * h, Spread::sequence},
                   {"GeLU", 8 * h, 12 * h, Spread::tensor, true}};
  using Kept = SavedTensor::Kept;
  layer.saved = {{{"input", hidden}, Kept::always},
                 {{"norm 1 output", hidden}, Kept::under_none},
                 {{"q, k, v", 3 * hidden, Spread::tensor}, Kept::under_selective},
                 {{"attention output", hidden, Spread::tensor}, Kept::under_selective},
                 {{"middle", hidden}, Kept::under_selective},
                 {{"norm 2 output", hidden}, Kept::under_none},
                 {{"up output", 4 * hidden, Spread::tensor}, Kept::under_selective},
                 {{"GeLU output", 4 * hidden, Spread::tensor}, Kept::under_none}};
  layer.forward_moments = {{"down", {{"partial sum", hidden, Spread::whole}, {"output", hidden}}}};
  layer.backward_moments = {
      {"down", {{"output gradient", hidden}, {"GeLU gradient", 4 * hidden, Spread::tensor}}},
      {"up", {{"output gradient", hidden}, {"input gradient", hidden, Spread::whole}}}};
  layer.forward_launches = 18;
  layer.backward_launches = 30;
  return layer;
}

Layer gpt_head(std::int64_t hidden, std::int64_t vocabulary, std::int64_t sequence) {
  Layer layer{.type = "head",
              .kind = LayerKind::head,
              .tokens_per_sample = sequence,
              .hidden = hidden,
              .vocabulary = vocabulary};
  layer.parameters = {vector_parameter("norm", 2 * hidden), table(vocabulary, hidden)};
  layer.products = {{Product::Split::column, "logits", hidden, vocabulary}};
  layer.saved = {{{"input", hidden}, SavedTensor::Kept::always},
                 {{"probabilities", vocabulary, Spread::tensor, Element::fp32},
                  SavedTensor::Kept::under_selective}};
  return layer;
}

Layer gpt_embedding(std::int64_t hidden, std::int64_t vocabulary, std::int64_t sequence) {
  Layer layer{.type = "embedding",
              .kind = LayerKind::embedding,
              .tokens_per_sample = sequence,
              .hidden = hidden,
              .vocabulary = vocabulary};
  layer.parameters = {table(vocabulary, hidden)};
  return layer;
}

}  // namespace galvatron
