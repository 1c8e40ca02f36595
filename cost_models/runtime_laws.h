// Where a training system differs from our own executor in what it computes, moves and keeps.
//
// A runtime without laws is ours: its rank program is simulated, and its memory is counted tensor
// by tensor. One with laws runs another program, which nobody here has: it is priced by the closed
// form alone, and the parts of its memory that no table lists are laws fitted to published runs.
// The defaults are what our executor does, but that its gathers may go ahead (gather_ahead.h).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cost_models/named_values.h"
#include "cost_models/units.h"

namespace galvatron {

// One pass over the data, or PyTorch's eager kernels with their fp32 copies.
enum class Elementwise { fused, eager };

// Products of one input (q, k and v; gate and up) one by one, or as one product.
enum class ProductGrouping { separate, joined };

// What selective recomputation drops: what the layer's tables say, or the attention core alone.
enum class SelectiveRecompute { listed, attention_core };

// Whether fused attention is flash attention 2 or what the vendor's library has for the device.
enum class FlashKernel { flash2, newest };

// How context parallelism cuts a causal sequence: the last of contiguous parts has most to do.
enum class ContextSplit { zigzag, contiguous };

struct KernelLaws {
  Elementwise elementwise = Elementwise::fused;
  ProductGrouping products = ProductGrouping::separate;
  SelectiveRecompute selective = SelectiveRecompute::listed;
  FlashKernel flash = FlashKernel::flash2;
  ContextSplit context_split = ContextSplit::zigzag;
  double fp8_cast_bytes = 3;              // per element that is quantized
  bool fp8_requantizes = false;           // weights in each pass, inputs again in backward
  std::optional<int> forward_launches{};  // of a block; absent: the layer's
  std::optional<int> backward_launches{};

  bool operator==(const KernelLaws&) const = default;
};

// Under ZeRO 3 beside the computation of the neighbouring layer, or before its own; under ZeRO 1
// and 2 beside the next step's first forward, or before it.
enum class ParameterGather { blocking, overlapped };

// When ZeRO 3 reduces the gradients of embedding and head: each behind its backward, or both as one
// unit when backward has ended.
enum class TableGradients { by_layer, at_the_end };

// What sequence parallelism keeps of a gathered input for the weight gradient: the shard, which
// backward gathers again, or the whole.
enum class GatheredInputs { sharded, whole };

struct TrafficLaws {
  double hidden_tensor_share = 0;            // of every collective of the tensor group
  double hidden_send_share = 0;              // of what crosses stages
  std::optional<double> compute_slowdown{};  // beside gradients; absent: the hardware's
  ParameterGather gather = ParameterGather::blocking;
  bool copies_flat_buffers = false;  // ZeRO 3: into and out of what is communicated
  bool keeps_gathered = false;       // ZeRO 3 with several stages: gathers once per step
  Seconds owner_broadcast{};         // per owner of a shard, where owners are on several nodes
  GatheredInputs gathered_inputs = GatheredInputs::sharded;
  bool fp8_parameters = false;   // blocks that compute in fp8 gather ZeRO 3's parameters in it
  bool fp8_activations = false;  // and those of sequence parallelism
  TableGradients table_gradients = TableGradients::by_layer;
  std::optional<BytesPerSecond> state_rate{};  // ZeRO 3 tensor by tensor: a device gets no more

  bool operator==(const TrafficLaws&) const = default;
};

struct HostLaws {
  double exposed_share = 0;    // of the shorter of host and device time that adds to the longer
  double straggler_share = 0;  // by which launches last longer, per further rank of a tensor group

  bool operator==(const HostLaws&) const = default;
};

// Blocks that the stages do not divide: one more on each of the first stages; or stages as full as
// the smallest possible maximum, the last takes the rest. `filled` first counts embedding and head
// as a layer each, where that divides.
enum class StageSplit { leading, filled };

enum class HeadRecompute { as_blocks, never };

struct StageLaws {
  StageSplit split = StageSplit::leading;
  HeadRecompute head = HeadRecompute::as_blocks;

  bool operator==(const StageLaws&) const = default;
};

// What a stage holds for its output: one buffer at a time, or for every micro-batch one for it and
// one for its gradient.
enum class TransferBuffers { one, per_micro_batch };

// What lives beside states and saved tensors: at the loss, or at the first layer of backward.
struct MemoryLaws {
  double loss_bytes_per_logit = 10;
  double wide_bytes = 8;           // per token and unit of width, whole on every tensor rank
  double unscattered_bytes = 0;    // likewise, where sequence parallelism gathers and scatters it
  double widest_weight_bytes = 0;  // per element of the products of the widest input (gate, up)
  double head_weight_bytes = 0;    // per parameter of the head
  double head_logit_bytes = 0;     // per logit, while backward is at the blocks
  double recomputed_share = 1;     // of what recomputation brings back
  double gathered_layers = 0;      // ZeRO 3: held whole in compute precision, and the tables
  double allocator_share = 1;      // of the allocated bytes, that a budget must hold
  TransferBuffers transfers = TransferBuffers::one;

  bool operator==(const MemoryLaws&) const = default;
};

// What `estimate` prices for this system beside the axes that `plan` chooses from.
enum class PricedAxis { virtual_stages, context, shard_group, recompute_op };

struct RuntimeLaws {
  KernelLaws kernels{};
  TrafficLaws traffic{};
  HostLaws host{};
  StageLaws stages{};
  MemoryLaws memory{};
  std::vector<PricedAxis> estimates{};

  bool operator==(const RuntimeLaws&) const = default;
};

inline constexpr NamedValues<Elementwise, 2> kElementwiseNames{
    {{Elementwise::fused, "fused"}, {Elementwise::eager, "eager"}}};
inline constexpr NamedValues<ProductGrouping, 2> kProductGroupingNames{
    {{ProductGrouping::separate, "separate"}, {ProductGrouping::joined, "joined"}}};
inline constexpr NamedValues<SelectiveRecompute, 2> kSelectiveRecomputeNames{
    {{SelectiveRecompute::listed, "listed"},
     {SelectiveRecompute::attention_core, "attention_core"}}};
inline constexpr NamedValues<FlashKernel, 2> kFlashKernelNames{
    {{FlashKernel::flash2, "flash2"}, {FlashKernel::newest, "newest"}}};
inline constexpr NamedValues<ContextSplit, 2> kContextSplitNames{
    {{ContextSplit::zigzag, "zigzag"}, {ContextSplit::contiguous, "contiguous"}}};
inline constexpr NamedValues<ParameterGather, 2> kParameterGatherNames{
    {{ParameterGather::blocking, "blocking"}, {ParameterGather::overlapped, "overlapped"}}};
inline constexpr NamedValues<TableGradients, 2> kTableGradientsNames{
    {{TableGradients::by_layer, "by_layer"}, {TableGradients::at_the_end, "at_the_end"}}};
inline constexpr NamedValues<GatheredInputs, 2> kGatheredInputsNames{
    {{GatheredInputs::sharded, "sharded"}, {GatheredInputs::whole, "whole"}}};
inline constexpr NamedValues<TransferBuffers, 2> kTransferBuffersNames{
    {{TransferBuffers::one, "one"}, {TransferBuffers::per_micro_batch, "per_micro_batch"}}};
inline constexpr NamedValues<StageSplit, 2> kStageSplitNames{
    {{StageSplit::leading, "leading"}, {StageSplit::filled, "filled"}}};
inline constexpr NamedValues<HeadRecompute, 2> kHeadRecomputeNames{
    {{HeadRecompute::as_blocks, "as_blocks"}, {HeadRecompute::never, "never"}}};
inline constexpr NamedValues<PricedAxis, 4> kPricedAxisNames{
    {{PricedAxis::virtual_stages, "virtual_stages"},
     {PricedAxis::context, "context"},
     {PricedAxis::shard_group, "shard_group"},
     {PricedAxis::recompute_op, "recompute_op"}}};

}  // namespace galvatron
