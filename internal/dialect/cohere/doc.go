// Package cohere calls Cohere's chat API, version 2 (https://docs.cohere.com/reference/chat;
// wire notes §9). What a model plans before it calls tools is text, as other models say it;
// what is billed is what is counted, not what ran. Start with Adapter.
package cohere
