"""Conversion of component values to and from wasmtime's C API.

wasmtime's own conversions look every type up in every call and take a microsecond for each byte
of a `list<u8>`. These look the types up once and copy bytes in bulk.

In Python a record is a dict, in which optional fields may be absent. A variant is a pair of case
and payload, an enum a str, flags a set of str. An option is None or its value. Of a result, the
value is returned and the error is raised.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from ctypes import byref
from typing import Any

from wasmtime import Store, WasmtimeError
from wasmtime import _ffi as ffi
from wasmtime import component as types
from wasmtime.component import ResourceAny

Value = ffi.wasmtime_component_val_t
Lower = Callable[[Any, Any], None]
Lift = Callable[[Any], Any]

_SIZE = ctypes.sizeof(Value)
_PAYLOAD = Value.of.offset
_U8 = bytes([ffi.WASMTIME_COMPONENT_U8.value])
_SCALARS = {
    types.Bool: ("boolean", ffi.WASMTIME_COMPONENT_BOOL.value),
    types.S64: ("s64", ffi.WASMTIME_COMPONENT_S64.value),
    types.U64: ("u64", ffi.WASMTIME_COMPONENT_U64.value),
}


class ComponentError(Exception):
    """The error of an export: `record error { code, message }`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class Resource(ResourceAny):
    """A handle, which its instance drops."""

    def __del__(self, is_ending: Callable[[], bool] = sys.is_finalizing) -> None:
        # At the end of the interpreter the module that frees it may be gone.
        if not is_ending():
            super().__del__()


class Function:
    """An exported function. Only one thread at a time may call it."""

    def __init__(self, store: Store, function: types.Func) -> None:
        kind = function.type(store)
        parameters = [kind for _, kind in kind.params]
        self._store = store
        self._function = function
        self._lower = [lowering(kind) for kind in parameters]
        # Arguments to free after a call: neither numbers nor borrowed handles.
        self._owned = [
            place
            for place, kind in enumerate(parameters)
            if not isinstance(kind, (types.BorrowType, *_SCALARS))
        ]
        result = kind.result
        self._lift = None if result is None else lifting(result)
        self._arguments = (Value * len(parameters))()
        self._places = list(self._arguments)

    def __call__(self, *arguments: Any) -> Any:
        places = self._places
        lowered = 0
        result = Value()
        try:
            for lower, place, argument in zip(self._lower, places, arguments, strict=True):
                lower(place, argument)
                lowered += 1
            error = ffi.wasmtime_component_func_call(
                byref(self._function._func),
                self._store._context(),
                self._arguments,
                lowered,
                None if self._lift is None else byref(result),
                0 if self._lift is None else 1,
            )
        finally:
            for place in self._owned:
                if place < lowered:
                    ffi.wasmtime_component_val_delete(byref(places[place]))
        if error:
            raise WasmtimeError._from_ptr(error)
        if self._lift is None:
            return None
        try:
            return self._lift(result)
        finally:
            ffi.wasmtime_component_val_delete(byref(result))


def lowering(kind: types.ValType) -> Lower:
    """Returns the conversion of a Python value to `kind`."""
    scalar = _SCALARS.get(type(kind))
    if scalar is not None:
        return _lower_scalar(*scalar)
    if isinstance(kind, types.String):
        return _lower_string
    if isinstance(kind, types.EnumType):
        return _lower_enum
    if isinstance(kind, types.FlagsType):
        return _lower_flags
    if isinstance(kind, types.OptionType):
        return _lower_option(lowering(kind.payload))
    if isinstance(kind, types.ListType):
        element = kind.element
        return _lower_bytes if isinstance(element, types.U8) else _lower_list(lowering(element))
    if isinstance(kind, types.RecordType):
        return _lower_record([(name, lowering(field)) for name, field in kind.fields])
    if isinstance(kind, types.VariantType):
        cases = kind.cases
        return _lower_variant(
            {name: None if case is None else lowering(case) for name, case in cases}
        )
    if isinstance(kind, types.BorrowType):
        return _lower_borrow
    if isinstance(kind, types.OwnType):
        return _lower_own
    raise TypeError(f"no conversion to {kind}")


def lifting(kind: types.ValType) -> Lift:
    """Returns the conversion of a value of `kind` to Python."""
    scalar = _SCALARS.get(type(kind))
    if scalar is not None:
        return _lift_scalar(scalar[0])
    if isinstance(kind, types.String):
        return _lift_string
    if isinstance(kind, types.EnumType):
        return _lift_enum
    if isinstance(kind, types.OptionType):
        return _lift_option(lifting(kind.payload))
    if isinstance(kind, types.ListType):
        element = kind.element
        return _lift_bytes if isinstance(element, types.U8) else _lift_list(lifting(element))
    if isinstance(kind, types.TupleType):
        return _lift_tuple([lifting(element) for element in kind.elements])
    if isinstance(kind, types.RecordType):
        return _lift_record([(name, lifting(field)) for name, field in kind.fields])
    if isinstance(kind, types.ResultType):
        ok, err = kind.ok, kind.err
        return _lift_result(
            None if ok is None else lifting(ok), None if err is None else lifting(err)
        )
    if isinstance(kind, types.OwnType):
        return _lift_own
    raise TypeError(f"no conversion from {kind}")


def _lower_scalar(field: str, tag: int) -> Lower:
    def lower(place: Any, value: Any) -> None:
        place.kind = tag
        setattr(place.of, field, value)

    return lower


def _lower_string(place: Any, value: str) -> None:
    name = ffi.str_to_capi(value)
    place.kind = ffi.WASMTIME_COMPONENT_STRING
    place.of.string = name


def _lower_enum(place: Any, value: str) -> None:
    name = ffi.str_to_capi(value)
    place.kind = ffi.WASMTIME_COMPONENT_ENUM
    place.of.enumeration = name


def _lower_flags(place: Any, value: set[str]) -> None:
    flags = ffi.wasmtime_component_valflags_t()
    ffi.wasmtime_component_valflags_new_uninit(byref(flags), len(value))
    for index, flag in enumerate(value):
        flags.data[index] = ffi.str_to_capi(flag)
    place.kind = ffi.WASMTIME_COMPONENT_FLAGS
    place.of.flags = flags


def _lower_option(some: Lower) -> Lower:
    def lower(place: Any, value: Any) -> None:
        boxed = None
        if value is not None:
            inner = Value()
            some(inner, value)
            boxed = ffi.wasmtime_component_val_new(byref(inner))
        place.kind = ffi.WASMTIME_COMPONENT_OPTION
        place.of.option = boxed

    return lower


def _lower_bytes(place: Any, value: bytes) -> None:
    size = len(value)
    items = ffi.wasmtime_component_vallist_t()
    ffi.wasmtime_component_vallist_new_uninit(byref(items), size)
    if size:
        view = _view(items, size)
        view[0::_SIZE] = _U8 * size
        view[_PAYLOAD::_SIZE] = value
    place.kind = ffi.WASMTIME_COMPONENT_LIST
    place.of.list = items


def _lower_list(element: Lower) -> Lower:
    def lower(place: Any, value: list[Any]) -> None:
        items = ffi.wasmtime_component_vallist_t()
        ffi.wasmtime_component_vallist_new_uninit(byref(items), len(value))
        for index in range(len(value)):
            # If a conversion fails, the whole list is freed, so every element has to be valid.
            items.data[index].kind = ffi.WASMTIME_COMPONENT_BOOL
        try:
            for index, item in enumerate(value):
                element(items.data[index], item)
        except BaseException:
            ffi.wasmtime_component_vallist_delete(byref(items))
            raise
        place.kind = ffi.WASMTIME_COMPONENT_LIST
        place.of.list = items

    return lower


def _lower_record(fields: list[tuple[str, Lower]]) -> Lower:
    def lower(place: Any, value: dict[str, Any]) -> None:
        record = ffi.wasmtime_component_valrecord_t()
        ffi.wasmtime_component_valrecord_new_uninit(byref(record), len(fields))
        for index, (name, _) in enumerate(fields):
            entry = record.data[index]
            entry.name = ffi.str_to_capi(name)
            entry.val.kind = ffi.WASMTIME_COMPONENT_BOOL
        try:
            for index, (name, field) in enumerate(fields):
                field(record.data[index].val, value.get(name))
        except BaseException:
            ffi.wasmtime_component_valrecord_delete(byref(record))
            raise
        place.kind = ffi.WASMTIME_COMPONENT_RECORD
        place.of.record = record

    return lower


def _lower_variant(cases: dict[str, Lower | None]) -> Lower:
    def lower(place: Any, value: tuple[str, Any]) -> None:
        name, payload = value
        case = cases[name]
        boxed = None
        if case is not None:
            inner = Value()
            case(inner, payload)
            boxed = ffi.wasmtime_component_val_new(byref(inner))
        place.kind = ffi.WASMTIME_COMPONENT_VARIANT
        place.of.variant.discriminant = ffi.str_to_capi(name)
        place.of.variant.val = boxed

    return lower


def _lower_borrow(place: Any, value: ResourceAny) -> None:
    place.kind = ffi.WASMTIME_COMPONENT_RESOURCE
    place.of.resource = value.ptr()


def _lower_own(place: Any, value: ResourceAny) -> None:
    place.kind = ffi.WASMTIME_COMPONENT_RESOURCE
    place.of.resource = value._consume()


def _lift_scalar(field: str) -> Lift:
    return lambda place: getattr(place.of, field)


def _lift_string(place: Any) -> str:
    return _text(place.of.string)


def _lift_enum(place: Any) -> str:
    return _text(place.of.enumeration)


def _lift_option(some: Lift) -> Lift:
    return lambda place: some(place.of.option.contents) if place.of.option else None


def _lift_bytes(place: Any) -> bytes:
    items = place.of.list
    size = items.size
    return _view(items, size)[_PAYLOAD::_SIZE].tobytes() if size else b""


def _lift_list(element: Lift) -> Lift:
    def lift(place: Any) -> list[Any]:
        items = place.of.list
        data = items.data
        return [element(data[index]) for index in range(items.size)]

    return lift


def _lift_tuple(elements: list[Lift]) -> Lift:
    def lift(place: Any) -> tuple[Any, ...]:
        data = place.of.tuple.data
        return tuple(element(data[index]) for index, element in enumerate(elements))

    return lift


def _lift_record(fields: list[tuple[str, Lift]]) -> Lift:
    def lift(place: Any) -> dict[str, Any]:
        data = place.of.record.data
        return {name: field(data[index].val) for index, (name, field) in enumerate(fields)}

    return lift


def _lift_result(ok: Lift | None, err: Lift | None) -> Lift:
    def lift(place: Any) -> Any:
        result = place.of.result
        if result.is_ok:
            return None if ok is None else ok(result.val.contents)
        error = {} if err is None else err(result.val.contents)
        raise ComponentError(error["code"], error["message"])

    return lift


def _lift_own(place: Any) -> ResourceAny:
    resource = Resource._from_ptr(ffi.take_pointer(place.of, "resource"))
    # The pointer belongs to the resource now: nothing is left to free.
    place.kind = ffi.WASMTIME_COMPONENT_BOOL
    return resource


def _text(name: Any) -> str:
    return ctypes.string_at(name.data, name.size).decode() if name.size else ""


def _view(items: Any, size: int) -> memoryview:
    address = ctypes.cast(items.data, ctypes.c_void_p).value
    assert address is not None
    return memoryview((ctypes.c_uint8 * (size * _SIZE)).from_address(address)).cast("B")
