#include "textflag.h"

// Every byte of a table is repeated in both halves of a 32-byte register.

DATA quotes<>+0(SB)/8, $0x2222222222222222
GLOBL quotes<>(SB), RODATA|NOPTR, $8
DATA backslashes<>+0(SB)/8, $0x5c5c5c5c5c5c5c5c
GLOBL backslashes<>(SB), RODATA|NOPTR, $8
DATA us<>+0(SB)/8, $0x7575757575757575
GLOBL us<>(SB), RODATA|NOPTR, $8
DATA lastControl<>+0(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL lastControl<>(SB), RODATA|NOPTR, $8
DATA nibble<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL nibble<>(SB), RODATA|NOPTR, $8

// What may follow a backslash, by its low and its high nibble: one bit for each high
// nibble that has such letters. 2: quote 22, slash 2F. 5: backslash 5C. 6: b 62, f 66,
// n 6E. 7: r 72, t 74, u 75.
DATA escapeLow<>+0(SB)/8, $0x00040808000d0000
DATA escapeLow<>+8(SB)/8, $0x0104000200000000
DATA escapeLow<>+16(SB)/8, $0x00040808000d0000
DATA escapeLow<>+24(SB)/8, $0x0104000200000000
GLOBL escapeLow<>(SB), RODATA|NOPTR, $32
DATA escapeHigh<>+0(SB)/8, $0x0804020000010000
DATA escapeHigh<>+8(SB)/8, $0
DATA escapeHigh<>+16(SB)/8, $0x0804020000010000
DATA escapeHigh<>+24(SB)/8, $0
GLOBL escapeHigh<>(SB), RODATA|NOPTR, $32

// The three tables of UTF-8 errors by the nibbles of two neighbouring bytes (Keiser and
// Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte", 2020). Bits: 01 too
// short, 02 too long, 04 overlong of 3, 08 too large, 10 surrogate, 20 overlong of 2,
// 40 overlong of 4 or too large, 80 two continuations.
DATA firstHigh<>+0(SB)/8, $0x0202020202020202
DATA firstHigh<>+8(SB)/8, $0x4915012180808080
DATA firstHigh<>+16(SB)/8, $0x0202020202020202
DATA firstHigh<>+24(SB)/8, $0x4915012180808080
GLOBL firstHigh<>(SB), RODATA|NOPTR, $32
DATA firstLow<>+0(SB)/8, $0xcbcbcb8b8383a3e7
DATA firstLow<>+8(SB)/8, $0xcbcbdbcbcbcbcbcb
DATA firstLow<>+16(SB)/8, $0xcbcbcb8b8383a3e7
DATA firstLow<>+24(SB)/8, $0xcbcbdbcbcbcbcbcb
GLOBL firstLow<>(SB), RODATA|NOPTR, $32
DATA secondHigh<>+0(SB)/8, $0x0101010101010101
DATA secondHigh<>+8(SB)/8, $0x01010101babaaee6
DATA secondHigh<>+16(SB)/8, $0x0101010101010101
DATA secondHigh<>+24(SB)/8, $0x01010101babaaee6
GLOBL secondHigh<>(SB), RODATA|NOPTR, $32
DATA third<>+0(SB)/8, $0x6060606060606060
GLOBL third<>(SB), RODATA|NOPTR, $8
DATA fourth<>+0(SB)/8, $0x7070707070707070
GLOBL fourth<>(SB), RODATA|NOPTR, $8
DATA top<>+0(SB)/8, $0x8080808080808080
GLOBL top<>(SB), RODATA|NOPTR, $8

// func plainBlocks(src *byte, blocks int) int
TEXT ·plainBlocks(SB), NOSPLIT, $0-24
	MOVQ src+0(FP), SI
	MOVQ blocks+8(FP), CX
	XORQ AX, AX
	VPBROADCASTQ quotes<>(SB), Y8
	VPBROADCASTQ backslashes<>(SB), Y9
	VPBROADCASTQ lastControl<>(SB), Y10

plainLoop:
	CMPQ AX, CX
	JGE  plainDone
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VPCMPEQB Y0, Y8, Y2
	VPCMPEQB Y1, Y8, Y3
	VPCMPEQB Y0, Y9, Y4
	VPCMPEQB Y1, Y9, Y5
	VPOR     Y2, Y3, Y2
	VPOR     Y4, Y5, Y4
	VPMINUB  Y0, Y10, Y3
	VPMINUB  Y1, Y10, Y5
	VPCMPEQB Y3, Y0, Y3
	VPCMPEQB Y5, Y1, Y5
	VPOR     Y2, Y4, Y2
	VPOR     Y3, Y5, Y3
	VPOR     Y0, Y1, Y0
	VPOR     Y2, Y3, Y2
	VPOR     Y0, Y2, Y2
	VPMOVMSKB Y2, DX
	TESTL    DX, DX
	JNZ      plainDone
	ADDQ     $64, SI
	INCQ     AX
	JMP      plainLoop

plainDone:
	VZEROUPPER
	MOVQ AX, ret+16(FP)
	RET

// Both halves of a block become one mask in AX.
#define JOIN(lo, hi) \
	VPMOVMSKB lo, AX; \
	VPMOVMSKB hi, BX; \
	SHLQ $32, BX; \
	ORQ  BX, AX

// func classify(src *byte, blocks int, out *masks)
TEXT ·classify(SB), NOSPLIT, $0-24
	MOVQ src+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ out+16(FP), DI
	VPBROADCASTQ quotes<>(SB), Y8
	VPBROADCASTQ backslashes<>(SB), Y9
	VPBROADCASTQ lastControl<>(SB), Y10
	VPBROADCASTQ us<>(SB), Y11
	VPBROADCASTQ nibble<>(SB), Y12
	VMOVDQU escapeLow<>(SB), Y13
	VMOVDQU escapeHigh<>(SB), Y14
	VPXOR Y15, Y15, Y15

classifyLoop:
	TESTQ CX, CX
	JLE   classifyDone
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1

	VPCMPEQB Y0, Y8, Y2
	VPCMPEQB Y1, Y8, Y3
	JOIN(Y2, Y3)
	MOVQ AX, 0(DI)

	VPCMPEQB Y0, Y9, Y2
	VPCMPEQB Y1, Y9, Y3
	JOIN(Y2, Y3)
	MOVQ AX, 8(DI)

	VPMINUB  Y0, Y10, Y2
	VPMINUB  Y1, Y10, Y3
	VPCMPEQB Y2, Y0, Y2
	VPCMPEQB Y3, Y1, Y3
	JOIN(Y2, Y3)
	MOVQ AX, 16(DI)

	JOIN(Y0, Y1)
	MOVQ AX, 24(DI)

	VPSRLW  $4, Y0, Y2
	VPSRLW  $4, Y1, Y3
	VPAND   Y12, Y2, Y2
	VPAND   Y12, Y3, Y3
	VPSHUFB Y2, Y14, Y2
	VPSHUFB Y3, Y14, Y3
	VPSHUFB Y0, Y13, Y4
	VPSHUFB Y1, Y13, Y5
	VPAND   Y4, Y2, Y2
	VPAND   Y5, Y3, Y3
	VPCMPEQB Y15, Y2, Y2
	VPCMPEQB Y15, Y3, Y3
	JOIN(Y2, Y3)
	MOVQ AX, 32(DI)

	VPCMPEQB Y0, Y11, Y2
	VPCMPEQB Y1, Y11, Y3
	JOIN(Y2, Y3)
	MOVQ AX, 40(DI)

	ADDQ $64, SI
	ADDQ $48, DI
	DECQ CX
	JMP  classifyLoop

classifyDone:
	VZEROUPPER
	RET

// Y0 is 32 bytes, Y7 the 32 before them; errors gather in Y6. Y0 moves to Y7.
#define UTF8STEP \
	VPERM2I128 $0x21, Y0, Y7, Y1; \
	VPALIGNR $15, Y1, Y0, Y2; \
	VPSRLW $4, Y2, Y3; \
	VPAND Y12, Y3, Y3; \
	VPSHUFB Y3, Y8, Y3; \
	VPAND Y12, Y2, Y2; \
	VPSHUFB Y2, Y9, Y2; \
	VPAND Y2, Y3, Y3; \
	VPSRLW $4, Y0, Y4; \
	VPAND Y12, Y4, Y4; \
	VPSHUFB Y4, Y10, Y4; \
	VPAND Y4, Y3, Y3; \
	VPALIGNR $14, Y1, Y0, Y2; \
	VPSUBUSB Y13, Y2, Y2; \
	VPALIGNR $13, Y1, Y0, Y4; \
	VPSUBUSB Y14, Y4, Y4; \
	VPOR Y2, Y4, Y2; \
	VPAND Y15, Y2, Y2; \
	VPXOR Y3, Y2, Y3; \
	VPOR Y3, Y6, Y6; \
	VMOVDQA Y0, Y7

// func validBlocks(src *byte, blocks int) bool
TEXT ·validBlocks(SB), NOSPLIT, $0-17
	MOVQ src+0(FP), SI
	MOVQ blocks+8(FP), CX
	VMOVDQU firstHigh<>(SB), Y8
	VMOVDQU firstLow<>(SB), Y9
	VMOVDQU secondHigh<>(SB), Y10
	VPBROADCASTQ nibble<>(SB), Y12
	VPBROADCASTQ third<>(SB), Y13
	VPBROADCASTQ fourth<>(SB), Y14
	VPBROADCASTQ top<>(SB), Y15
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7

validLoop:
	TESTQ CX, CX
	JLE   validDone
	VMOVDQU (SI), Y0
	UTF8STEP
	VMOVDQU 32(SI), Y0
	UTF8STEP
	ADDQ $64, SI
	DECQ CX
	JMP  validLoop

validDone:
	VPTEST Y6, Y6
	SETEQ  ret+16(FP)
	VZEROUPPER
	RET
