"""Vector registers for Numba: what one instruction does to several neighbouring numbers at once.

Numba vectorises loops when it can prove that it may, and then with registers of its own choice.
Here they are spoken of directly: a `Vector` is one register full of float32 or float64, a tile is a
tuple of them, which LLVM keeps in registers from the first to the last step of a loop.

    load, store                  one vector
    +, -, scaled                 vectors, number by number
    block_load, block_store      a square of numbers, one vector a row; a transposing pair
    put_winners                  max pooling: L windows side by side
    offsets                      R whole numbers out of a table
    tile_load, tile_store        R x V vectors
    tile_add                     tile[r, v] += a[one number] * x[one vector]: all the arithmetic
    tile_add_products            tile[r, v] += a[one vector] * x[one vector], where lanes are summed

All arrays are C-contiguous and taken as flat; `at` is an index from their start. Nothing is
checked: whoever calls this has tables that stay inside.

This is the one place that uses Numba's extension interface (`numba.extending`) and LLVM's
instructions (`llvmlite.ir`). Each function below is written for the compiler: it gets types, and
returns a signature and a function that writes instructions.
"""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba import extending  # type: ignore[import-untyped, unused-ignore]
from numba.core import cgutils, types  # type: ignore[import-untyped, unused-ignore]
from numba.extending import models  # type: ignore[import-untyped, unused-ignore]

from solutions.kernels.tiles_host import host

# what they make of a function, a type checker cannot know
intrinsic: Any = extending.intrinsic
overload: Any = extending.overload
register_model: Any = extending.register_model

I1, I32, I64 = ir.IntType(1), ir.IntType(32), ir.IntType(64)


class Vector(types.Type):  # type: ignore[misc, unused-ignore]
    """As many numbers of this dtype as one register holds."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        self.lanes = host().register * 8 // dtype.bitwidth
        super().__init__(name=f"Vector({dtype}, {self.lanes})")


def ir_of(vector: Vector) -> Any:
    """LLVM's type for it."""
    number = ir.FloatType() if vector.dtype == types.float32 else ir.DoubleType()
    return ir.VectorType(number, vector.lanes)


@register_model(Vector)
class VectorModel(models.PrimitiveModel):  # type: ignore[misc, unused-ignore]
    def __init__(self, manager: Any, vector: Vector) -> None:
        super().__init__(manager, vector, ir_of(vector))


# ----- the instructions that are needed -----


def i64(number: int) -> Any:
    return ir.Constant(I64, number)


class Writer:
    """Writes instructions for vectors of one kind; `arrays` are reached by their data's address."""

    def __init__(self, context: Any, builder: Any, vector: Vector) -> None:
        self.context, self.builder = context, builder
        self.lanes, self.type = vector.lanes, ir_of(vector)
        self.suffix = f"v{self.lanes}" + ("f32" if vector.dtype == types.float32 else "f64")
        self.align = vector.dtype.bitwidth // 8  # a vector may start at any number

    def place(self, array_type: Any, array: Any, *at: Any) -> Any:
        """The address of array[sum of at]."""
        place = self.context.make_array(array_type)(self.context, self.builder, array).data
        for index in at:
            place = self.builder.gep(place, [index])
        return place

    def step(self, place: Any, step: Any, times: int) -> Any:
        return self.builder.gep(place, [self.builder.mul(step, i64(times))])

    def _vector_at(self, place: Any) -> Any:
        return self.builder.bitcast(place, self.type.as_pointer())

    def load(self, place: Any) -> Any:
        vector = self.builder.load(self._vector_at(place))
        vector.align = self.align
        return vector

    def store(self, vector: Any, place: Any) -> None:
        self.builder.store(vector, self._vector_at(place)).align = self.align

    def _call(self, name: str, result: Any, *args: Any) -> Any:
        kind = ir.FunctionType(result, [arg.type for arg in args])
        function = cgutils.get_or_insert_function(self.builder.module, kind, name)
        return self.builder.call(function, args)

    def first(self, count: Any) -> Any:
        """A mask: true for the first `count` numbers of a vector."""
        numbers = ir.VectorType(I32, self.lanes)
        limit = self.spread(self.builder.trunc(count, I32), numbers)
        return self.builder.icmp_signed("<", ir.Constant(numbers, list(range(self.lanes))), limit)

    def load_some(self, place: Any, mask: Any) -> Any:
        """Zeros where the mask is false; that memory is not touched."""
        name, zeros = f"llvm.masked.load.{self.suffix}.p0", ir.Constant(self.type, None)
        return self._call(name, self.type, self._vector_at(place), I32(self.align), mask, zeros)

    def store_some(self, vector: Any, place: Any, mask: Any) -> None:
        name = f"llvm.masked.store.{self.suffix}.p0"
        self._call(name, ir.VoidType(), vector, self._vector_at(place), I32(self.align), mask)

    def store_whole_numbers(self, vector: Any, place: Any, mask: Any) -> None:
        """The same for a vector of int64."""
        pointer = self.builder.bitcast(place, vector.type.as_pointer())
        name = f"llvm.masked.store.v{self.lanes}i64.p0"
        self._call(name, ir.VoidType(), vector, pointer, I32(8), mask)

    def spread(self, number: Any, kind: Any = None) -> Any:
        """A vector with this number everywhere."""
        kind = kind or self.type
        alone = self.builder.insert_element(ir.Constant(kind, ir.Undefined), number, I32(0))
        everywhere = ir.Constant(ir.VectorType(I32, kind.count), None)
        return self.builder.shuffle_vector(alone, ir.Constant(kind, ir.Undefined), everywhere)

    def multiply_add(self, a: Any, x: Any, total: Any) -> Any:
        """a * x + total: one instruction where the processor has it, two where not."""
        return self._call(f"llvm.fmuladd.{self.suffix}", self.type, a, x, total)

    def once(self, number: Any) -> Any:
        """The same number; the loop around it will not be unrolled.

        Two steps of a large tile at once need more registers than there are. LLVM does not see
        that, but it leaves loops alone that hold a `convergent` instruction, here an empty one.
        """
        kind = ir.FunctionType(number.type, [number.type])
        same = self.builder.asm(kind, "", "=r,0", [number], False)
        for attribute in ("convergent", "readnone", "nounwind"):
            same.attributes.add(attribute)
        return same

    def zip(self, a: Any, b: Any) -> tuple[Any, Any]:
        """a0 b0 a1 b1 ..., the first half and the second."""
        places = ir.VectorType(I32, self.lanes)
        order = [k for pair in range(self.lanes) for k in (pair, self.lanes + pair)]
        low = ir.Constant(places, order[: self.lanes])
        high = ir.Constant(places, order[self.lanes :])
        return self.builder.shuffle_vector(a, b, low), self.builder.shuffle_vector(a, b, high)

    def every(self, place: Any, S: int, K: int, count: Any) -> list[Any]:
        """Of each of K neighbours j the vector place[j], place[j + S], ...; the first `count`."""
        if S == 1:
            some = self.first(count)
            return [self.load_some(self.builder.gep(place, [i64(j)]), some) for j in range(K)]
        vectors: list[Any] = []
        for j in range(0, K, 2):  # two vectors, sorted into even and odd
            pair = self.builder.gep(place, [i64(j)])
            needed = self.builder.sub(self.builder.mul(count, i64(2)), i64(1 if j + 1 == K else 0))
            rest = self.builder.sub(needed, i64(self.lanes))
            low = self.load_some(pair, self.first(needed))
            high = self.load_some(self.builder.gep(pair, [i64(self.lanes)]), self.first(rest))
            kind = ir.VectorType(I32, self.lanes)
            for odd in range(2):
                order = ir.Constant(kind, [2 * k + odd for k in range(self.lanes)])
                vectors.append(self.builder.shuffle_vector(low, high, order))
        return vectors[:K]

    def transpose(self, rows: list[Any]) -> list[Any]:
        """L vectors of L numbers, rows and columns exchanged.

        Zip vector k with vector k + L/2, as one shuffles two halves of a pack of cards. Each number
        then moves as if the bits of its address (row, column) had been turned by one place; after
        log2(L) times the row's bits stand where the column's were.
        """
        half = self.lanes // 2
        for _ in range(self.lanes.bit_length() - 1):
            rows = [v for k in range(half) for v in self.zip(rows[k], rows[k + half])]
        return rows

    def take(self, bundle: Any, count: int) -> list[Any]:
        return [self.builder.extract_value(bundle, k) for k in range(count)]


# ----- single vectors -----


@intrinsic
def load(typing: Any, x: Any, at: Any) -> Any:
    """x[at : at + L]."""
    vector = Vector(x.dtype)

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        writer = Writer(context, builder, vector)
        return writer.load(writer.place(x, *args))

    return vector(x, types.intp), write


@intrinsic
def store(typing: Any, x: Any, at: Any, vector: Any) -> Any:
    """x[at : at + L] = vector."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        writer = Writer(context, builder, vector)
        writer.store(args[2], writer.place(x, *args[:2]))
        return context.get_dummy_value()

    return types.void(x, types.intp, vector), write


def _number_by_number(instruction: str) -> Any:
    @intrinsic
    def both(typing: Any, a: Any, b: Any) -> Any:
        def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return getattr(builder, instruction)(*args)

        return a(a, b), write

    return both


_add, _subtract = _number_by_number("fadd"), _number_by_number("fsub")


@overload(operator.add)
def _vector_add(a: Any, b: Any) -> Any:
    def both(a: Any, b: Any) -> Any:
        return _add(a, b)

    return both if isinstance(a, Vector) and a == b else None


@overload(operator.sub)
def _vector_subtract(a: Any, b: Any) -> Any:
    def both(a: Any, b: Any) -> Any:
        return _subtract(a, b)

    return both if isinstance(a, Vector) and a == b else None


@intrinsic
def scaled(typing: Any, vector: Any, factor: Any) -> Any:
    """vector * factor."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fmul(args[0], Writer(context, builder, vector).spread(args[1]))

    return vector(vector, vector.dtype), write


def lanes(x: Any) -> int:
    """How many of x's numbers a register holds; in compiled code a constant."""
    return host().register // int(x.itemsize)


@overload(lanes)
def _lanes(x: Any) -> Any:
    count = Vector(x.dtype).lanes

    def constant(x: Any) -> Any:
        return count

    return constant


@intrinsic
def not_inlined(typing: Any) -> Any:
    """Keep the function that calls this a function of its own.

    LLVM copies short functions into their callers. There the innermost loop has to share the
    registers with what is around it, and loses half its speed.
    """

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), write


# ----- squares of L x L numbers -----


@intrinsic
def block_load(typing: Any, x: Any, at: Any, rows: Any, row: Any, count: Any, width: Any) -> Any:
    """Vector k is x[at + rows[row + k] :], its first `width` numbers; `count` >= 1 rows count.

    What is outside is 0, or a row again that is inside.
    """
    vector = Vector(x.dtype)
    block = types.UniTuple(vector, vector.lanes)

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        writer = Writer(context, builder, vector)
        x_, at_, rows_, row_, count_, width_ = args
        start, table, mask = (
            writer.place(x, x_, at_), writer.place(rows, rows_, row_), writer.first(width_),
        )  # fmt: skip
        vectors = []
        for k in range(vector.lanes):
            last = builder.sub(count_, i64(1))
            inside = builder.icmp_signed("<", i64(k), count_)
            offset = builder.load(builder.gep(table, [builder.select(inside, i64(k), last)]))
            vectors.append(writer.load_some(builder.gep(start, [offset]), mask))
        return context.make_tuple(builder, block, vectors)

    return block(x, types.intp, rows, types.intp, types.intp, types.intp), write


@intrinsic
def block_store(
    typing: Any, block: Any, x: Any, at: Any, rows: Any, row: Any, count: Any, width: Any
) -> Any:
    """x[at + rows[row + k] + l] = number k of vector l, for k < count and l < width."""
    vector = block.dtype

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        writer = Writer(context, builder, vector)
        block_, x_, at_, rows_, row_, count_, width_ = args
        start, table, mask = (
            writer.place(x, x_, at_), writer.place(rows, rows_, row_), writer.first(width_),
        )  # fmt: skip
        for k, turned in enumerate(writer.transpose(writer.take(block_, vector.lanes))):
            with builder.if_then(builder.icmp_signed("<", i64(k), count_), likely=True):
                offset = builder.load(builder.gep(table, [i64(k)]))
                writer.store_some(turned, builder.gep(start, [offset]), mask)
        return context.get_dummy_value()

    signature = types.void(block, x, types.intp, rows, types.intp, types.intp, types.intp)
    return signature, write


# ----- L windows side by side -----


@intrinsic
def put_winners(
    typing: Any, window: Any, stride: Any, z: Any, pidx: Any, to: Any, y: Any, at: Any, row: Any,
    first: Any, count: Any,
) -> Any:  # fmt: skip
    """The largest under each of `count` windows whose corners are y[at], y[at + S], ...

    z[to + k] = the largest, pidx[to + k] = first + S*k + i*row + j, its place; the first of equals,
    or of NaNs, as in `pool`. `window` and `stride` (1 or 2) are lengths of tuples; row is W.
    """
    vector, KH, KW, S = Vector(y.dtype), len(window[0]), len(window[1]), len(stride[1])

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        writer = Writer(context, builder, vector)
        _, _, z_, pidx_, to_, y_, at_, row_, first_, count_ = args
        wide = ir.VectorType(I64, vector.lanes)
        best = where = None
        for i in range(KH):
            start = writer.step(writer.place(y, y_, at_), row_, i)
            for j, v in enumerate(writer.every(start, S, KW, count_)):
                here = builder.add(builder.mul(row_, i64(i)), i64(j))
                here = writer.spread(here, wide)
                if best is None:
                    best, where = v, here
                    continue
                # larger, or one of them is NaN; but not when the best is NaN already
                wins = builder.and_(
                    builder.fcmp_unordered(">", v, best), builder.fcmp_ordered("ord", best, best)
                )
                best, where = builder.select(wins, v, best), builder.select(wins, here, where)
        mask = writer.first(count_)
        writer.store_some(best, writer.place(z, z_, to_), mask)
        corners = ir.Constant(wide, [S * k for k in range(vector.lanes)])
        places = builder.add(builder.add(where, corners), writer.spread(first_, wide))
        writer.store_whole_numbers(places, writer.place(pidx, pidx_, to_), mask)
        return context.get_dummy_value()

    number = types.intp
    signature = types.void(window, stride, z, pidx, number, y, number, number, number, number)
    return signature, write


# ----- tiles of R x V vectors -----


@intrinsic
def offsets(typing: Any, R: Any, table: Any, at: Any) -> Any:
    """table[at : at + R] as a tuple; R is the length of a tuple."""
    numbers = types.UniTuple(types.intp, len(R))

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(table)(context, builder, args[1]).data
        place = builder.gep(data, [args[2]])
        values = [builder.load(builder.gep(place, [i64(r)])) for r in range(len(R))]
        return context.make_tuple(builder, numbers, values)

    return numbers(R, table, types.intp), write


@intrinsic
def tile_load(typing: Any, V: Any, x: Any, rows: Any, at: Any, step: Any) -> Any:
    """tile[r, v] = x[rows[r] + at + v*step :], one vector each; V is the length of a tuple."""
    vector = Vector(x.dtype)
    tile = types.UniTuple(vector, len(rows) * len(V))

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        writer = Writer(context, builder, vector)
        _, x_, rows_, at_, step_ = args
        vectors = []
        for row in writer.take(rows_, len(rows)):
            start = writer.place(x, x_, row, at_)
            vectors += [writer.load(writer.step(start, step_, v)) for v in range(len(V))]
        return context.make_tuple(builder, tile, vectors)

    return tile(V, x, rows, types.intp, types.intp), write


def _tile_add(tile: Any, a: Any, rows: Any, x: Any, factor: Callable[[Writer, Any], Any]) -> Any:
    """tile[r, v] += factor(place of a[rows[r] + a_at]) * x[x_at + v*step :]."""
    vector, R = tile.dtype, len(rows)
    V = len(tile) // R

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        writer = Writer(context, builder, vector)
        tile_, a_, rows_, a_at_, x_, x_at_, step_ = args
        start = writer.place(x, x_, writer.once(x_at_))
        vectors = [writer.load(writer.step(start, step_, v)) for v in range(V)]
        totals = writer.take(tile_, R * V)
        for r, row in enumerate(writer.take(rows_, R)):
            other = factor(writer, writer.place(a, a_, row, a_at_))
            for v in range(V):
                k = r * V + v
                totals[k] = writer.multiply_add(other, vectors[v], totals[k])
        return context.make_tuple(builder, tile, totals)

    signature = tile(tile, a, rows, types.intp, x, types.intp, types.intp)
    return signature, write


@intrinsic
def tile_add(
    typing: Any, tile: Any, a: Any, rows: Any, a_at: Any, x: Any, x_at: Any, step: Any
) -> Any:
    """tile[r, v] += a[rows[r] + a_at] * x[x_at + v*step :]: a number times a vector.

    R numbers and V vectors are loaded for R*V multiplications: the larger the tile, the fewer.
    """
    return _tile_add(
        tile, a, rows, x, lambda writer, place: writer.spread(writer.builder.load(place))
    )


@intrinsic
def tile_add_products(
    typing: Any, tile: Any, a: Any, rows: Any, a_at: Any, x: Any, x_at: Any, step: Any
) -> Any:
    """tile[r, v] += a[rows[r] + a_at :] * x[x_at + v*step :]: two vectors, number by number."""
    return _tile_add(tile, a, rows, x, lambda writer, place: writer.load(place))


@intrinsic
def tile_store(typing: Any, tile: Any, x: Any, rows: Any, at: Any, step: Any, width: Any) -> Any:
    """x[rows[r] + at + v*step :] = tile[r, v], the first `width` numbers of each vector."""
    vector, R = tile.dtype, len(rows)
    V = len(tile) // R

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        writer = Writer(context, builder, vector)
        tile_, x_, rows_, at_, step_, width_ = args
        places = [
            writer.step(writer.place(x, x_, row, at_), step_, v)
            for row in writer.take(rows_, R)
            for v in range(V)
        ]
        pairs = list(zip(writer.take(tile_, R * V), places, strict=True))
        whole = builder.icmp_signed(">=", width_, i64(vector.lanes))
        with builder.if_else(whole, likely=True) as (all_of_it, some_of_it):
            with all_of_it:
                for totals, place in pairs:
                    writer.store(totals, place)
            with some_of_it:
                mask = writer.first(width_)
                for totals, place in pairs:
                    writer.store_some(totals, place, mask)
        return context.get_dummy_value()

    return types.void(tile, x, rows, types.intp, types.intp, types.intp), write
