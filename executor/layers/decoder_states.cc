#include "executor/layers/decoder_states.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor by_sample(const StateSizes& sizes, const at::Tensor& rows) {
  return rows.view({sizes.samples, -1, rows.size(1)});
}

// Views [samples, source, hidden] and [samples, target, hidden].
at::Tensor encoded_view(const StateSizes& sizes, const at::Tensor& both) {
  return by_sample(sizes, both).narrow(1, 0, sizes.source);
}

at::Tensor states_view(const StateSizes& sizes, const at::Tensor& both) {
  return by_sample(sizes, both).narrow(1, sizes.source, sizes.target);
}

// A view's rows one after another, in a storage of their own.
at::Tensor copied(const at::Tensor& view) {
  return view.clone(at::MemoryFormat::Contiguous).view({-1, view.size(2)});
}

at::Tensor joined(const StateSizes& sizes, const at::Tensor& encoded, const at::Tensor& states) {
  const std::int64_t rows = sizes.samples * (sizes.source + sizes.target);
  const at::Tensor both = at::empty({rows, states.size(1)}, states.options());
  encoded_view(sizes, both).copy_(encoded);
  states_view(sizes, both).copy_(by_sample(sizes, states));
  return both;
}

class JoinParts : public torch::autograd::Function<JoinParts> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& encoded,
                            const at::Tensor& states, StateSizes sizes) {
    hold(context, sizes);
    return joined(sizes, by_sample(sizes, encoded), states);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto sizes = take_held<StateSizes>(context);
    return {copied(encoded_view(sizes, gradients.at(0))),
            copied(states_view(sizes, gradients.at(0))),
            {}};
  }
};

class Split : public torch::autograd::Function<Split> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& both, StateSizes sizes) {
    hold(context, sizes);
    return {copied(encoded_view(sizes, both)), copied(states_view(sizes, both)),
            both.view_as(both)};
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto sizes = take_held<StateSizes>(context);
    const at::Tensor& both = gradients.at(2);
    encoded_view(sizes, both).add_(by_sample(sizes, gradients.at(0)));
    states_view(sizes, both).copy_(by_sample(sizes, gradients.at(1)));
    return {both.detach(), {}};  // what somebody else holds, too, would be copied into the leaf
  }
};

class ReplaceStates : public torch::autograd::Function<ReplaceStates> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& through,
                            const at::Tensor& states, StateSizes sizes) {
    hold(context, sizes);
    return joined(sizes, encoded_view(sizes, through), states);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto sizes = take_held<StateSizes>(context);
    return {gradients.at(0), copied(states_view(sizes, gradients.at(0))), {}};
  }
};

class OnlyStates : public torch::autograd::Function<OnlyStates> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& both, StateSizes sizes) {
    hold(context, sizes);
    return copied(states_view(sizes, both));
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto sizes = take_held<StateSizes>(context);
    const at::Tensor& states = gradients.at(0);
    const at::Tensor both = at::zeros(
        {sizes.samples * (sizes.source + sizes.target), states.size(1)}, states.options());
    states_view(sizes, both).copy_(by_sample(sizes, states));
    return {both, {}};
  }
};

}  // namespace

at::Tensor join_parts(const StateSizes& sizes, const StateParts& parts) {
  return JoinParts::apply(parts.encoded, parts.states, sizes);
}

SplitStates split_states(const StateSizes& sizes, const at::Tensor& both) {
  const variable_list parts = Split::apply(both, sizes);
  return {
      .encoded = {.value = parts.at(0),
                  .again = [sizes,
                            both = both.detach()] { return copied(encoded_view(sizes, both)); }},
      .states = parts.at(1),
      .through = parts.at(2)};
}

at::Tensor replace_states(const StateSizes& sizes, const at::Tensor& through,
                          const at::Tensor& states) {
  return ReplaceStates::apply(through, states, sizes);
}

at::Tensor only_states(const StateSizes& sizes, const at::Tensor& both) {
  return OnlyStates::apply(both, sizes);
}

}  // namespace galvatron
